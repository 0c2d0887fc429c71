"""What each artifact is about, as far as the registry names it: classifier, location, project.

It reads the rows that refer to artifacts; it never opens one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.store.origin import LISTS, MODEL, PART
from cultivar.store.tables import (
    ApplicationRow,
    ArtifactInput,
    ArtifactRow,
    ClassifierRow,
    GateResultRow,
    LabellingRow,
    LocationRow,
    ProjectModelRow,
    ProjectRow,
    ReleaseSampleRow,
    RetrainingRow,
    Tenant,
    VersionRow,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that an artifact is about; ``newest`` says that it is the one in use there."""

    sha256: str
    schema: str
    classifier: str | None = None
    location: str | None = None
    project: str | None = None
    version: str | None = None
    newest: bool = False

    def __str__(self) -> str:
        """Return it as a person reads it, such as ``contracts in drive``."""
        parts = (self.project and f"project {self.project}", self.version or self.classifier)
        named = " ".join(part for part in parts if part)
        if self.location:
            return f"{named} in {self.location}" if named else self.location
        return named or "tenant"


def subjects(session: Session) -> list[Subject]:
    """Return what the registry's rows say of each artifact; one may be about several things."""
    found = chain(
        _of_tenant(session),
        _of_locations(session),
        _of_classifiers(session),
        _of_versions(session),
        _of_content_verdicts(session),
        _of_retrainings(session),
        _of_projects(session),
    )
    return [*found, *_of_gates(session)]


def _of_tenant(session: Session) -> Iterator[Subject]:
    tenant = session.get(Tenant, 1)
    for schema in ("baseline", "document_frequencies", "unlabelled"):
        sha256 = getattr(tenant, f"{schema}_sha256", None)
        if sha256:
            yield Subject(sha256, schema, newest=True)


def _of_locations(session: Session) -> Iterator[Subject]:
    for place in session.scalars(select(LocationRow).where(LocationRow.items_sha256.is_not(None))):
        about = Subject(place.items_sha256 or "", "items", location=place.name, newest=True)
        yield from _in_parts(session, about)
    for row in session.scalars(select(LabellingRow)):
        about = Subject(
            row.assignments_sha256, "assignments", row.classifier_id, row.location,
            version=row.version_id, newest=True,
        )  # fmt: skip
        yield from _in_parts(session, about)
    last: set[str] = set()
    applications = select(ApplicationRow).order_by(ApplicationRow.number.desc())
    for each in session.scalars(applications):
        newest = each.location not in last
        last.add(each.location)
        for schema, sha256 in (
            ("labels", each.labels_sha256),
            ("label_changes", each.changes_sha256),
        ):
            yield Subject(sha256, schema, location=each.location, newest=newest)


def _in_parts(session: Session, about: Subject) -> Iterator[Subject]:
    """Yield what an artifact is about; of a list of parts the list and each of its parts."""
    held = session.get_one(ArtifactRow, about.sha256)
    yield replace(about, schema=held.schema_name)
    if held.schema_name in LISTS:
        parts = select(ArtifactInput.input_sha256).where(
            ArtifactInput.output_sha256 == held.sha256, ArtifactInput.part.startswith(PART)
        )
        for part in session.scalars(parts):
            yield replace(about, sha256=part)


def _of_classifiers(session: Session) -> Iterator[Subject]:
    scored_by = _versions_of_predictions(session)
    for row in session.scalars(select(ClassifierRow)):
        for schema in ("seed_set", "test_set", "predictions"):
            sha256 = getattr(row, f"{schema}_sha256")
            if sha256:
                yield Subject(sha256, schema, row.id, version=scored_by.get(sha256), newest=True)


def _of_versions(session: Session) -> Iterator[Subject]:
    in_use = {
        row.published_version_id or row.candidate_version_id
        for row in session.scalars(select(ClassifierRow))
    }
    owner = {}
    for row in session.scalars(select(VersionRow)):
        owner[row.id] = row.classifier_id
        yield Subject(
            row.model_sha256, MODEL, row.classifier_id, version=row.id, newest=row.id in in_use
        )
    for sha256, version in _versions_of_predictions(session).items():
        yield Subject(sha256, "predictions", owner[version], version=version)
    for sample in session.scalars(select(ReleaseSampleRow)):
        version = sample.version_id
        yield Subject(sample.scores_sha256, "predictions", owner[version], version=version)


def _of_content_verdicts(session: Session) -> Iterator[Subject]:
    """Yield the verdicts from the content that versions have learned from."""
    learned = (
        select(ArtifactInput.input_sha256, VersionRow.classifier_id, VersionRow.id)
        .join(VersionRow, VersionRow.model_sha256 == ArtifactInput.output_sha256)
        .where(ArtifactInput.part == "content_verdicts")
        .order_by(VersionRow.number.desc())
    )
    seen: set[str] = set()
    for sha256, classifier, version in session.execute(learned):
        newest = classifier not in seen
        seen.add(classifier)
        yield Subject(sha256, "content_verdicts", classifier, version=version, newest=newest)


def _versions_of_predictions(session: Session) -> dict[str, str]:
    """Return the predictions of test sets, each with the version whose model made it."""
    made = (
        select(ArtifactInput.output_sha256, VersionRow.id)
        .join(VersionRow, VersionRow.model_sha256 == ArtifactInput.input_sha256)
        .join(ArtifactRow, ArtifactRow.sha256 == ArtifactInput.output_sha256)
        .where(ArtifactInput.part == "model", ArtifactRow.schema_name == "predictions")
    )
    return {row.output_sha256: row.id for row in session.execute(made)}


def _of_retrainings(session: Session) -> Iterator[Subject]:
    seen: set[tuple[str, str]] = set()
    rows = select(RetrainingRow).order_by(RetrainingRow.started_at.desc())
    for row in session.scalars(rows):
        for schema in ("feedback", "comparison", "overview"):
            sha256 = getattr(row, f"{schema}_sha256")
            if sha256:
                newest = (row.classifier_id, schema) not in seen
                seen.add((row.classifier_id, schema))
                version = row.retrained_version_id
                yield Subject(sha256, schema, row.classifier_id, version=version, newest=newest)


def _of_projects(session: Session) -> Iterator[Subject]:
    for project in session.scalars(select(ProjectRow)):
        if documents := project.documents_sha256:
            yield Subject(documents, "project_documents", project=project.name, newest=True)
    for model in session.scalars(select(ProjectModelRow)):
        for schema, sha256 in (
            (MODEL, model.model_sha256),
            ("project_split", model.split_sha256),
            ("project_validation", model.validation_sha256),
        ):
            if sha256:
                yield Subject(
                    sha256, schema, project=model.project, version=model.label, newest=True
                )


def _of_gates(session: Session) -> Iterator[Subject]:
    """Yield what gates of classifiers judged; reviews and accuracy are named nowhere else."""
    seen: set[tuple[str, str]] = set()
    rows = session.execute(
        select(GateResultRow.artifact_sha256, GateResultRow.gate, GateResultRow.classifier_id)
        .where(GateResultRow.artifact_sha256.is_not(None), GateResultRow.classifier_id.is_not(None))
        .order_by(GateResultRow.id.desc())
    )
    for sha256, gate, classifier in rows:
        assert sha256 is not None  # noqa: S101 - the query left those out
        assert classifier is not None  # noqa: S101
        newest = gate in ("reviews", "accuracy") and (gate, classifier) not in seen
        seen.add((gate, classifier))
        yield Subject(sha256, gate, classifier, newest=newest)


def named_once(found: Iterable[Subject]) -> dict[str, list[Subject]]:
    """Return what each artifact is about, by sha256; what says less than another is left out."""
    by_sha256: dict[str, list[Subject]] = {}
    for each in found:
        known = by_sha256.setdefault(each.sha256, [])
        if not any(str(each) == str(other) or _says_less(each, other) for other in known):
            known.append(each)
    return by_sha256


def _says_less(less: Subject, more: Subject) -> bool:
    stated = ("classifier", "location", "project", "version")
    return all(getattr(less, name) in (None, getattr(more, name)) for name in stated)
