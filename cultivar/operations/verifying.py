"""Verifying a version: every file of its lineage is what it says, and training gives it again.

It changes nothing and repairs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cultivar.core.errors import Damaged, NotReady
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.deeds import viewing
from cultivar.operations.training import train_on
from cultivar.store.tables import VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked: files of the lineage by schema, and the model made anew."""

    classifier_id: str
    version_id: str
    model_sha256: str
    files: tuple[ArtifactReference, ...]
    retrained_sha256: str

    @property
    def identical(self) -> bool:
        """Whether training anew gave the same bytes."""
        return self.retrained_sha256 == self.model_sha256


def verify(
    workspace: Workspace,
    actor: str,
    classifier: str,
    *,
    candidate: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verification:
    """Check the published version, or the candidate, from its files down to the crawled items.

    ``progress`` is told (what, files done, files in all).

    Raises:
        Damaged: a file differs from its hash, header or registry row (``artifact-damaged``), or
            training anew gives another model (``not-reproducible``).
        NotReady: code ``no-version``; there is no such version yet.
    """
    with viewing(workspace, actor, Action.READ) as deed:
        row = deed.classifier(classifier)
        version_id = row.candidate_version_id if candidate else row.published_version_id
        if version_id is None:
            raise NotReady(
                "no-version",
                f"{row.name} has no {'trained' if candidate else 'published'} version yet.",
            )
        version = deed.session.get_one(VersionRow, version_id)
    model = workspace.artifacts.reference(version.model_sha256)
    files = _checked(workspace, model, progress or _silent)
    inputs = workspace.artifacts.inputs_of(model.sha256)
    again = train_on(workspace, inputs, int(version.evidence.get("seed", 0)))
    found = Verification(row.id, version_id, model.sha256, files, again.sha256)
    if not found.identical:
        raise Damaged(
            "not-reproducible",
            f"Training {version_id} again gives another model ({again.sha256[:12]}, not "
            f"{model.sha256[:12]}). It was made by another version of Cultivar or its libraries.",
            {"version": version_id, "found": again.sha256},
        )
    return found


def _silent(what: str, done: int, total: int) -> None:
    """Take no notice."""


def _checked(
    workspace: Workspace, model: ArtifactReference, progress: Callable[[str, int, int], None]
) -> tuple[ArtifactReference, ...]:
    files = ancestors(workspace, model)
    for done, file in enumerate(files, start=1):
        workspace.artifacts.verify(file)
        progress(file.schema, done, len(files))
    return files


def ancestors(workspace: Workspace, artifact: ArtifactReference) -> tuple[ArtifactReference, ...]:
    """Return an artifact and everything that it was made from, nearest first."""
    found: dict[str, ArtifactReference] = {}
    waiting = [artifact.sha256]
    while waiting:
        sha256 = waiting.pop(0)
        if sha256 not in found:
            found[sha256] = workspace.artifacts.reference(sha256)
            waiting += sorted(workspace.artifacts.inputs_of(sha256).values())
    return tuple(found.values())
