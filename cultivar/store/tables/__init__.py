"""The registry's tables: everything that a person decided and where each artifact is.

Rules live in the core; a table only keeps what must never contradict itself.
"""

import importlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from cultivar.store.tables.artifacts import ArtifactInput, ArtifactRow
from cultivar.store.tables.audit import AuditAnchorRow, AuditRow
from cultivar.store.tables.base import Base, Instant
from cultivar.store.tables.classifiers import (
    ClassifierRow,
    LabellingRow,
    PublicationRow,
    StepRow,
    TestSourceRow,
    TrainerGrant,
    VersionRow,
)
from cultivar.store.tables.organisation import KeptItemRow, LocationRow, RoleAssignment, Tenant
from cultivar.store.tables.reviews import (
    BatchRow,
    ContentBatchRow,
    ContentItemRow,
    GateResultRow,
    ReviewItemRow,
    ReviewRow,
)
from cultivar.store.tables.work import OutboxRow, RunRow

if TYPE_CHECKING:
    from cultivar.store.tables.feedback import (
        DriftRow,
        FeedbackRow,
        ReleaseItemRow,
        ReleaseSampleRow,
        RetrainingRow,
        SuggestionRow,
    )
    from cultivar.store.tables.keys import KeptReplyRow, KeyRow
    from cultivar.store.tables.policies import (
        ApplicationRow,
        DriveRow,
        PersonLabelRow,
        PolicyRow,
        PolicyVersionRow,
        UndoRow,
        WriteRow,
        WrittenRow,
    )
    from cultivar.store.tables.projects import (
        ProjectDeploymentRow,
        ProjectJobRow,
        ProjectModelRow,
        ProjectRow,
    )

__all__ = [
    "ApplicationRow",
    "ArtifactInput",
    "ArtifactRow",
    "AuditAnchorRow",
    "AuditRow",
    "Base",
    "BatchRow",
    "ClassifierRow",
    "ContentBatchRow",
    "ContentItemRow",
    "DriftRow",
    "DriveRow",
    "FeedbackRow",
    "GateResultRow",
    "Instant",
    "KeptItemRow",
    "KeptReplyRow",
    "KeyRow",
    "LabellingRow",
    "LocationRow",
    "OutboxRow",
    "PersonLabelRow",
    "PolicyRow",
    "PolicyVersionRow",
    "ProjectDeploymentRow",
    "ProjectJobRow",
    "ProjectModelRow",
    "ProjectRow",
    "PublicationRow",
    "ReleaseItemRow",
    "ReleaseSampleRow",
    "RetrainingRow",
    "ReviewItemRow",
    "ReviewRow",
    "RoleAssignment",
    "RunRow",
    "StepRow",
    "SuggestionRow",
    "Tenant",
    "TestSourceRow",
    "TrainerGrant",
    "UndoRow",
    "VersionRow",
    "WriteRow",
    "WrittenRow",
    "all_tables",
]

# Imported when first asked for: most questions need none of them, and no other table refers to
# theirs.
_LATER = {
    "feedback": (
        "DriftRow",
        "FeedbackRow",
        "ReleaseItemRow",
        "ReleaseSampleRow",
        "RetrainingRow",
        "SuggestionRow",
    ),
    "keys": (
        "KeptReplyRow",
        "KeyRow",
    ),
    "policies": (
        "ApplicationRow",
        "DriveRow",
        "PersonLabelRow",
        "PolicyRow",
        "PolicyVersionRow",
        "UndoRow",
        "WriteRow",
        "WrittenRow",
    ),
    "projects": (
        "ProjectDeploymentRow",
        "ProjectJobRow",
        "ProjectModelRow",
        "ProjectRow",
    ),
}
_MODULES = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return a table of a module that is imported only when it is asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def all_tables() -> MetaData:
    """Return what the registry holds, every module of tables imported."""
    for module in _LATER:
        importlib.import_module(f"{__name__}.{module}")
    return Base.metadata
