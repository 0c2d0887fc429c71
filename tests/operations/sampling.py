"""Reviews of a release sample by what its items truly are."""

from cultivar.operations.publishing.release_samples import SampledItem, judge_sampled, next_sampled
from cultivar.store.workspace import Workspace
from tests.operations.mail import CLASSIFIER
from tests.operations.organisation import ADMINISTRATOR, CONTRACT


def truth(item: SampledItem) -> bool:
    """Tell by its words whether a sampled item is a contract."""
    return sum(word in CONTRACT for word in item.text.split()) >= 5


def verdicts(items: list[SampledItem]) -> dict[str, str]:
    return {
        each.item_id: "yes" if truth(each) == (each.prediction == "match") else "no"
        for each in items
    }


def review_all(workspace: Workspace) -> int:
    """Review the release sample, 30 at a time; return how many sittings it took."""
    sittings = 0
    while items := next_sampled(workspace, ADMINISTRATOR, CLASSIFIER):
        judge_sampled(workspace, ADMINISTRATOR, CLASSIFIER, verdicts(items))
        sittings += 1
    return sittings
