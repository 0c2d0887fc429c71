from .due import training_due as training_due
from .seeds import preview_aside as preview_aside
from .test_sets import left_out as left_out
from .test_sets import report_test_set as report_test_set
