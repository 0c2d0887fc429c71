"""The registry's tables: everything that a person decided and where each artifact is.

Rules live in the core; a table only keeps what must never contradict itself.
"""

from cultivar.store.tables.artifacts import ArtifactInput, ArtifactRow
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
from cultivar.store.tables.organisation import AuditRow, LocationRow, RoleAssignment, Tenant
from cultivar.store.tables.reviews import BatchRow, GateResultRow, ReviewItemRow, ReviewRow
from cultivar.store.tables.work import OutboxRow, RunRow

__all__ = [
    "ArtifactInput",
    "ArtifactRow",
    "AuditRow",
    "Base",
    "BatchRow",
    "ClassifierRow",
    "GateResultRow",
    "Instant",
    "LabellingRow",
    "LocationRow",
    "OutboxRow",
    "PublicationRow",
    "ReviewItemRow",
    "ReviewRow",
    "RoleAssignment",
    "RunRow",
    "StepRow",
    "Tenant",
    "TestSourceRow",
    "TrainerGrant",
    "VersionRow",
]
