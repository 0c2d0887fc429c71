"""The registry's tables: everything that a person decided and where each artifact is.

Rules live in the core; a table only keeps what must never contradict itself.
"""

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
from cultivar.store.tables.feedback import (
    DriftRow,
    FeedbackRow,
    ReleaseItemRow,
    ReleaseSampleRow,
    RetrainingRow,
    SuggestionRow,
)
from cultivar.store.tables.keys import KeptReplyRow, KeyRow
from cultivar.store.tables.organisation import LocationRow, RoleAssignment, Tenant
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
from cultivar.store.tables.reviews import BatchRow, GateResultRow, ReviewItemRow, ReviewRow
from cultivar.store.tables.work import OutboxRow, RunRow

__all__ = [
    "ApplicationRow",
    "ArtifactInput",
    "ArtifactRow",
    "AuditAnchorRow",
    "AuditRow",
    "Base",
    "BatchRow",
    "ClassifierRow",
    "DriftRow",
    "DriveRow",
    "FeedbackRow",
    "GateResultRow",
    "Instant",
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
]
