"""The accuracy of a review by the language of the reviewed items.

It reads the closed batches and the languages of their items, and counts nothing itself.
"""

from cultivar.core.review.languages import LanguageAccuracy
from cultivar.core.review.languages import accuracy_by_language as counted
from cultivar.core.review.order import NOT_SURE, YES
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.review.batches import closed_reviews
from cultivar.operations.transactions import snapshot
from cultivar.store.item_rows import item_rows
from cultivar.store.workspace import Workspace


def accuracy_by_language(
    workspace: Workspace, actor: AnyActor, classifier: str
) -> list[LanguageAccuracy]:
    """Return how the classifier did in each language that people reviewed, the commonest first.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        agreed = {
            item.item_id: review.verdict == YES
            for item, review in closed_reviews(tx.session, row.id)
            if review.verdict != NOT_SURE
        }
        test_set = row.test_set_sha256
    if not agreed or test_set is None:
        return []
    reference = workspace.artifacts.reference(test_set)
    columns = ["item_id", "language"]
    return counted(
        (each["language"], agreed[each["item_id"]])
        for rows in item_rows(workspace.artifacts, reference, agreed, columns)
        for each in rows.to_pylist()
    )
