from .classifiers import create_classifier as create_classifier
from .classifiers import grant_trainer as grant_trainer
from .classifiers import list_classifiers as list_classifiers
from .classifiers import plan_classifier as plan_classifier
from .classifiers import require_new as require_new
from .classifiers import unfinished as unfinished
from .details import classifier_details as classifier_details
