from .examination import examined as examined
from .findings import Finding as Finding
from .findings import Level as Level
from .findings import worst as worst
