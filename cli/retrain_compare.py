"""The command that judges items of the content on which two versions of a classifier differ.

What the verdicts decide is the operations' to say.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.base.files import correct_option, list_options, require_one, verdict_options
from cli.base.help import classifier_argument
from cli.base.session import Session
from cli.from_content import Asked, judge
from cli.terminal.content_items import Batches
from cultivar import operations
from cultivar.core.review.content_batch import COMPARISON

if TYPE_CHECKING:
    from cultivar.core.retraining.recommendation import Recommendation


@classifier_argument
@verdict_options("relevant (yes, no, not sure: whether the document is one of the kind)")
@list_options("the items of the open batch", "that list")
@correct_option
def compare(
    session: Session,
    *,
    name: str,
    file: Path | None,
    skip_empty: bool,
    only_list: bool,
    target: Path | None,
    correction: str | None,
) -> None:
    """Judge items of your content that only one of the two versions of NAME labels.

    Up to 30 are drawn at random; yes says that the document is one of the kind. They decide what
    the overview recommends, and teach the next version after the retrained one. There are at most
    two batches. Correcting a verdict of a closed batch works the recommendation out again.
    """
    require_one(file, correction, lists=only_list or target is not None)
    workspace, actor = session.workspace, session.actor
    classifier = operations.retraining.retraining_status(workspace, actor, name).classifier
    batches = Batches(
        COMPARISON,
        lambda: operations.retraining.open_comparison(workspace, actor, classifier),
        lambda: _compared(operations.retraining.close_comparison(workspace, actor, classifier)),
        "closes it and says what is recommended", "Comparing the versions", more=False,
    )  # fmt: skip
    asked = Asked(file, skip_empty, correction, only_list, target)
    # a list leads back here, verdicts to what they decide
    then = "compare" if only_list or target else "overview"
    judge(session, classifier, batches, asked, f"cultivar retrain {then} {classifier}")


def _compared(found: "Recommendation") -> str:
    return f"Recommended: {found.action}. {' '.join(found.reasons)}"
