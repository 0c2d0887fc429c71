"""The numbers that bound projects, once."""

from datetime import timedelta

NAME_CHARACTERS = 50
CLASS_CHARACTERS = 50
CLASSES_AT_MOST = 200
DOCUMENTS_AT_MOST = 100_000
DOCUMENT_CHARACTERS = 128_000
DOCUMENTS_TO_EVALUATE = 10
MODELS_AT_MOST = 10
PROJECTS_AT_MOST = 500
LABELS_FILE_BYTES = 100_000_000
PREDICTED_AT_ONCE = 25
PREDICTED_CHARACTERS = 125_000

DOCUMENTS_A_CLASS_ADVISED = 20
TRAINED_A_CLASS_ADVISED = 15
IMBALANCE = 5.0  # the largest class holds this many times the documents of the smallest
SHORT_CHARACTERS = 20

JOBS_LAST = timedelta(days=7)
# A worker may be busy with other trainings; one that is not there at all shows after a day.
BEGINS_WITHIN = timedelta(hours=24)
