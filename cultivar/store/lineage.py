"""The lineage of an artifact: everything that it was made from, down to the roots.

Reports what is missing or damaged by name instead of stopping at the first; repairs nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from cultivar.core.errors import Damaged, NotFound
from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One artifact of a lineage.

    ``inputs`` maps each part to the sha256 taken for it, as the registry has it. ``problem`` is a
    sentence where the file is missing, damaged, or contradicts the registry, else None. A file that
    a store sweep removed is no problem: ``swept`` is the sentence that says so.
    """

    sha256: str
    schema: str
    producer: str
    inputs: dict[str, str]
    problem: str | None = None
    swept: str | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """An artifact and its ancestors, each once, nearest first."""

    ancestors: tuple[Ancestor, ...]

    @property
    def problems(self) -> tuple[Ancestor, ...]:
        """The artifacts that are missing, damaged, or contradict the registry."""
        return tuple(each for each in self.ancestors if each.problem)

    @property
    def roots(self) -> tuple[Ancestor, ...]:
        """The artifacts that were made from no other."""
        return tuple(each for each in self.ancestors if not each.inputs)

    @property
    def whole(self) -> bool:
        """Whether every file is there and is what it says."""
        return not self.problems

    def part(self, name: str) -> Ancestor | None:
        """Return what the first artifact took for a part, or None."""
        wanted = self.ancestors[0].inputs.get(name) if self.ancestors else None
        return next((each for each in self.ancestors if each.sha256 == wanted), None)


def lineage(store: ArtifactStore, reference: ArtifactReference, *, deep: bool = False) -> Lineage:
    """Walk from an artifact to its roots, breadth first.

    Each file's own header is held against the registry; ``deep`` also recomputes every hash,
    which reads every byte.
    """
    return Lineage(tuple(_walk(store, reference.sha256, deep)))


def _walk(store: ArtifactStore, start: str, deep: bool) -> Iterator[Ancestor]:
    waiting, seen = deque([start]), {start}
    while waiting:
        ancestor = _ancestor(store, waiting.popleft(), deep)
        yield ancestor
        fresh = [sha256 for sha256 in ancestor.inputs.values() if sha256 not in seen]
        waiting.extend(dict.fromkeys(fresh))
        seen.update(fresh)


def _ancestor(store: ArtifactStore, sha256: str, deep: bool) -> Ancestor:
    try:
        reference = store.reference(sha256)
    except NotFound as error:
        if error.code == "artifact-swept":
            schema = str(error.facts["schema"])
            return Ancestor(
                sha256, schema, "unknown", store.inputs_of(sha256), swept=error.sentence
            )
        return Ancestor(sha256, "unknown", "unknown", {}, error.sentence)
    inputs = store.inputs_of(sha256)
    try:
        header = store.header(reference)
        if deep:
            store.verify(reference)
    except Damaged as error:
        return Ancestor(sha256, reference.schema, "unknown", inputs, error.sentence)
    problem = None if header.get("inputs") == inputs else _contradiction(reference)
    return Ancestor(sha256, reference.schema, str(header["producer"]), inputs, problem)


def _contradiction(reference: ArtifactReference) -> str:
    return (
        f"The {reference.schema} artifact {reference.sha256[:12]} names other inputs in its file "
        "than the registry does."
    )
