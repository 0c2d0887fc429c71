"""Which test items are not used, and what each of them equals.

It reads the test set and the seeds; nothing is decided here.
"""

from collections.abc import Mapping

from cultivar.core.reference import ArtifactReference
from cultivar.core.selection import DUPLICATE, EQUALS_SEED
from cultivar.operations.lookups import classifier_named
from cultivar.operations.training.seeds import seeds_in_use
from cultivar.store.workspace import Workspace


def left_out(
    workspace: Workspace, classifier: str, test_set: ArtifactReference
) -> list[dict[str, str | None]]:
    """Return the test items that are not used: path, reason, and the path of what each equals."""
    columns = ["location", "path", "sha256", "text_sha256", "used", "skipped"]
    table = workspace.artifacts.read(test_set, columns=columns)
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
    known = [*seeds_in_use(workspace, row, columns[:5]).to_pylist(), *table.to_pylist()]
    first: dict[str, str] = {}
    for each in known:
        if each["used"]:
            first.setdefault(each["text_sha256"] or each["sha256"], _place(each))
    return [
        {
            "path": _place(each),
            "reason": each["skipped"],
            "equals": first.get(each["text_sha256"] or each["sha256"])
            if each["skipped"] in {DUPLICATE, EQUALS_SEED}
            else None,
        }
        for each in table.to_pylist()
        if not each["used"]
    ]


def _place(item: Mapping[str, str]) -> str:
    return f"{item['location']}/{item['path']}"
