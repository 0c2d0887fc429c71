from .due import training_due as training_due
from .seed_checks import CheckedSeeds as CheckedSeeds
from .seed_checks import check_seeds as check_seeds
from .seed_checks import source_of as source_of
from .seeds import preview_aside as preview_aside
from .test_sets import left_out as left_out
from .test_sets import report_test_set as report_test_set
