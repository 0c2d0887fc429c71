"""Cultivar grows text classifiers from samples and keeps them honest.

The package knows the domain; it never imports the orchestrator or the validation library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cultivar.client import Client
    from cultivar.core.learning.estimator import PositiveUnlabelledClassifier
    from cultivar.estimators import MultiLabelTextClassifier, TextClassifier

__version__ = "0.1.0"
__all__ = [
    "Client",
    "MultiLabelTextClassifier",
    "PositiveUnlabelledClassifier",
    "TextClassifier",
]

# What the package offers for notebooks, imported when it is asked for.
_OFFERED = {
    "Client": "cultivar.client",
    "MultiLabelTextClassifier": "cultivar.estimators",
    "PositiveUnlabelledClassifier": "cultivar.core.learning.estimator",
    "TextClassifier": "cultivar.estimators",
}


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_OFFERED[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
