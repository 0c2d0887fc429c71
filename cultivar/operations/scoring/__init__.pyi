from .classification import text_of_file as text_of_file
from .explanation import explain_text as explain_text
from .explanation import text_of_item as text_of_item
from .labelling import is_any_published as is_any_published
from .labelling import labelling_due as labelling_due
from .labelling import labellings as labellings
from .version_models import model_of as model_of
