from .catalogue import About as About
from .catalogue import kinds as kinds
from .catalogue import list_artifacts as list_artifacts
from .catalogue import newest_artifact as newest_artifact
from .catalogue import shown_path as shown_path
from .descriptions import describe_artifact as describe_artifact
