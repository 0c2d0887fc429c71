"""Verifying: files are what their hashes say, the audit log is whole, and training repeats.

It changes nothing and repairs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.audit_chain import Anchor, Verdict
from cultivar.core.errors import Damaged, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.audit.agreement import disagreements, faults_of_database
from cultivar.operations.audit.audit import checked_log
from cultivar.operations.audit.replay import Difference
from cultivar.operations.engines import engine_of
from cultivar.operations.training.training import train_on
from cultivar.operations.transactions import require_permitted, snapshot
from cultivar.store.lineage import Lineage, lineage
from cultivar.store.models import read_model
from cultivar.store.tables import ArtifactRow, VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked: the files of the lineage, and the model made again."""

    classifier_id: str
    version_id: str
    model_sha256: str
    files: Lineage
    retrained_sha256: str

    @property
    def identical(self) -> bool:
        """Whether training again gave the same bytes."""
        return self.retrained_sha256 == self.model_sha256


def verify(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    *,
    candidate: bool = False,
) -> Verification:
    """Check the published version, or the candidate, from its files down to the crawled items.

    Raises:
        Damaged: a file differs from its hash, header or registry row (``artifact-damaged``), or
            training again gives another model (``not-reproducible``).
        NotReady: code ``no-version``; there is no such version yet.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        version_id = row.candidate_version_id if candidate else row.published_version_id
        if version_id is None:
            raise NotReady(
                "no-version",
                f"{row.name} has no {'trained' if candidate else 'published'} version yet."
                + ("" if candidate else " --candidate checks the newest version."),
                remedy=Remedy(NextStep.LOOK_AT_STATUS, row.id),
            )
        version = tx.session.get_one(VersionRow, version_id)
    model = workspace.artifacts.reference(version.model_sha256)
    found = _checked(workspace, model)
    inputs = workspace.artifacts.inputs_of(model.sha256)
    engine = engine_of(workspace, read_model(workspace.artifacts, model))
    again = train_on(workspace, inputs, int(version.evidence.get("seed", 0)), engine)
    verified = Verification(row.id, version_id, model.sha256, found, again.sha256)
    if not verified.identical:
        raise Damaged(
            "not-reproducible",
            f"Training {version_id} again gives another model ({again.sha256[:12]}, not "
            f"{model.sha256[:12]}). It was made by another version of Cultivar or its libraries.",
            {"version": version_id, "found": again.sha256},
        )
    return verified


def _checked(workspace: Workspace, model: ArtifactReference) -> Lineage:
    found = lineage(workspace.artifacts, model, deep=True)
    if found.whole:
        return found
    raise Damaged(
        "artifact-damaged",
        " ".join(each.problem or "" for each in found.problems[:5]),
        {"damaged": [each.sha256 for each in found.problems]},
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is missing or is not what its hash says; the sentence says what is wrong."""

    sha256: str
    schema: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Every file of the artifact store, every row of the audit log, and the registry beside it.

    ``faults`` are what the database says is wrong with its own file, ``differences`` where its rows
    are not those that the audit log leads to.
    """

    files: int
    problems: tuple[Problem, ...]
    audit: Verdict
    faults: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    def require(self) -> "Checked":
        """Return itself where all is whole.

        Raises:
            Damaged: codes ``registry-damaged``, ``artifact-damaged``, those of the audit log, and
                ``registry-differs``; the sentence names the files and the rows.
        """
        if self.faults:
            raise Damaged(
                "registry-damaged",
                f"The registry's own file is damaged: {'; '.join(self.faults[:3])}. Restore it "
                "from a copy; the artifacts need none.",
                {"faults": list(self.faults)},
            )
        if self.problems:
            more = len(self.problems) - 5
            told = [each.sentence for each in self.problems[:5]]
            told += [f"And {more} more."] if more > 0 else []
            told += [] if self.audit.sound else [self.audit.sentence]
            damaged = [each.sha256 for each in self.problems]
            raise Damaged("artifact-damaged", " ".join(told), {"damaged": damaged})
        self.audit.require()
        if self.differences:
            differing = " ".join(each.sentence for each in self.differences)
            raise Damaged(
                "registry-differs",
                f"The audit log is whole, and the registry is not what it says. {differing} "
                "Somebody changed the database itself: restore it from a copy.",
                {each.kind: len(each.gone + each.made_up + each.changed)
                 for each in self.differences},
            )  # fmt: skip
        return self


def verify_everything(
    workspace: Workspace, actor: AnyActor, advance: Callable[[int, int | None], None] | None = None
) -> Checked:
    """Read every artifact and model against its hash, header and inputs, and walk the audit log.

    What the log leads to is compared with the registry's rows, and the database checks its file.
    It goes on behind a damaged file, so that all of them are named. What a store sweep removed is
    no file any more.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    require_permitted(workspace, actor, Action.READ)
    return check_everything(workspace, advance)


def check_everything(
    workspace: Workspace, advance: Callable[[int, int | None], None] | None = None
) -> Checked:
    """Check as ``verify_everything`` does, for the machinery, whoever asks for it."""
    with workspace.registry.reading() as session:
        if broken := faults_of_database(session):
            # what such a file says of artifacts and rows is not to be trusted
            return Checked(0, (), Verdict(True, Anchor()), tuple(broken))
        rows = session.execute(
            select(ArtifactRow.sha256, ArtifactRow.schema_name)
            .where(ArtifactRow.swept_at.is_(None))
            .order_by(ArtifactRow.schema_name, ArtifactRow.sha256)
        ).all()
    problems, swept = [], 0
    for done, (sha256, schema) in enumerate(rows):
        if advance is not None:
            advance(done, len(rows))
        try:
            workspace.artifacts.verify(workspace.artifacts.reference(sha256))
        except Damaged as error:
            problems.append(Problem(sha256, schema, error.sentence))
        except NotFound as error:
            if error.code != "artifact-swept":
                raise
            swept += 1  # by somebody, since the rows were read
    with workspace.registry.reading() as session:
        audit = checked_log(session)
        # a log that is broken says nothing of the rows
        differ = disagreements(session) if audit.sound else ()
    return Checked(len(rows) - swept, tuple(problems), audit, differences=differ)
