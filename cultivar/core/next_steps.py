"""What a person does next, or does about a refusal: a step, its subject and the command of both.

The table of commands stands here once, for sentences, the command line and pages alike.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class NextStep(StrEnum):
    """What can be done next."""

    SET_UP = "set up"
    OPT_IN = "opt in"
    SWITCH_ENTITLEMENT_ON = "switch the entitlement on"
    GRANT_ROLE = "grant a role"
    LOOK_AT_STATUS = "look at the status"
    ADD_LOCATION = "add a location"
    LIST_LOCATIONS = "list the locations"
    CRAWL = "crawl"
    CRAWL_FROM_SCRATCH = "crawl from scratch"
    ACCEPT_MASS_DELETION = "accept the mass deletion"
    TRAIN = "train"
    ADD_TEST_ITEMS = "add test items"
    REVIEW = "review"
    SHOW_GATES = "show the gates"
    PUBLISH = "publish"
    DRAW_RELEASE_SAMPLE = "draw the release sample"
    REVIEW_RELEASE_SAMPLE = "review the release sample"
    LIST_VERSIONS = "list the versions"
    POINT_BACK = "point back"
    LABEL = "label"
    CREATE_POLICY = "create a policy"
    UPDATE_POLICY = "update the policy"
    APPLY_POLICIES = "apply policies"
    UNDO_POLICY = "undo a policy"
    DISABLE_POLICY = "disable the policy"
    RESTORE_POLICY = "restore the policy"
    RESTORE_CLASSIFIER = "restore the classifier"
    EXPLORE = "explore"
    LIST_ITEMS = "list items"
    REFRESH_EXPLORER = "refresh the explorer"
    REBUILD_EXPLORER = "rebuild the explorer"
    JUDGE = "judge"
    LIST_JUDGEABLE = "list what can be judged"
    START_RETRAINING = "start the retraining"
    FOLLOW_RETRAINING = "follow the retraining"
    DECIDE = "decide on the retrained version"
    COMPARE = "compare the versions"
    REPUBLISH_WITH_REASON = "republish with a reason"
    LIST_ARTIFACTS = "list artifacts"


# Step: its command and what that does. {} is the subject; what stands in brackets needs one.
_STEPS: Mapping[NextStep, tuple[str, str]] = MappingProxyType(
    {
        NextStep.SET_UP: ("opt-in", "sets the tenant up"),
        NextStep.OPT_IN: ("opt-in", "takes it"),
        NextStep.SWITCH_ENTITLEMENT_ON: ("role entitlement on", "switches it on"),
        NextStep.GRANT_ROLE: ("role grant", "comes first"),
        NextStep.LOOK_AT_STATUS: ("status[ {}]", "says what comes next"),
        NextStep.ADD_LOCATION: ("location add NAME URL", "adds one"),
        NextStep.LIST_LOCATIONS: ("location list", "lists them"),
        NextStep.CRAWL: ("crawl[ {}]", "crawls it"),
        NextStep.CRAWL_FROM_SCRATCH: ("crawl {} --from-scratch", "reads every file again"),
        NextStep.ACCEPT_MASS_DELETION: ("crawl {} --allow-mass-deletion", "accepts that"),
        NextStep.TRAIN: ("train {}", "trains it"),
        NextStep.ADD_TEST_ITEMS: ("add-test {} FOLDER", "adds test items"),
        NextStep.REVIEW: ("review[ {}]", "goes on"),
        NextStep.SHOW_GATES: ("gate show {}", "shows them"),
        NextStep.PUBLISH: ("publish {}", "publishes it"),
        NextStep.DRAW_RELEASE_SAMPLE: ("release sample {}", "draws it"),
        NextStep.REVIEW_RELEASE_SAMPLE: ("release review {}", "takes them"),
        NextStep.LIST_VERSIONS: ("status {} --json", "lists them"),
        NextStep.POINT_BACK: ("point-back {} --to NUMBER", "names one"),
        NextStep.LABEL: ("label[ {}]", "does that"),
        NextStep.CREATE_POLICY: (
            'policy create "NAME" --kind sensitivity --label LABEL --classifier {}',
            "creates one",
        ),
        NextStep.UPDATE_POLICY: ("policy update {}", "changes that policy"),
        NextStep.APPLY_POLICIES: ("policy apply[ {}]", "applies them"),
        NextStep.UNDO_POLICY: ("policy undo NAME", "undoes a policy"),
        NextStep.DISABLE_POLICY: ("policy disable {}", "disables it"),
        NextStep.RESTORE_POLICY: ("policy restore {}", "takes it back"),
        NextStep.RESTORE_CLASSIFIER: ("restore {}", "takes it back"),
        NextStep.EXPLORE: ("explore counts[ --classifier {}]", "counts what was found"),
        NextStep.LIST_ITEMS: ("explore list", "shows ids and paths"),
        NextStep.REFRESH_EXPLORER: ("explore refresh", "does that"),
        NextStep.REBUILD_EXPLORER: ("explore refresh --rebuild", "makes it again"),
        NextStep.JUDGE: ("feedback {}", "goes on judging"),
        NextStep.LIST_JUDGEABLE: ("feedback {} --list", "shows what can be judged"),
        NextStep.START_RETRAINING: ("retrain start {}", "starts it"),
        NextStep.FOLLOW_RETRAINING: ("retrain status {}", "shows how far it is"),
        NextStep.DECIDE: ("retrain overview {}", "shows the newest"),
        NextStep.COMPARE: ("retrain compare {}", "asks for verdicts that decide"),
        NextStep.REPUBLISH_WITH_REASON: (
            'retrain republish {} --reason "REASON"',
            "republishes it",
        ),
        NextStep.LIST_ARTIFACTS: ("artifacts list[ --kind {}]", "lists what there is"),
    }
)  # fmt: skip
_NEEDS_SUBJECT = re.compile(r"\[([^]]*)\]")


@dataclass(frozen=True, slots=True)
class Remedy:
    """A step that takes a refusal away; ``effect`` says what its command does, if not the usual."""

    step: NextStep
    subject: str = ""
    effect: str = ""

    @property
    def command(self) -> str:
        """The command, with the subject quoted for a shell."""
        return command_for(self.step, self.subject)

    def __str__(self) -> str:
        """Return the sentence that names the command and says what it does."""
        return f"`{self.command}` {self.effect or _STEPS[self.step][1]}."


def command_for(step: NextStep, subject: str = "") -> str:
    """Return the command of a step; ``ID`` stands where a subject is needed and none is given."""
    command, _ = _STEPS[step]
    command = _NEEDS_SUBJECT.sub(r"\1" if subject else "", command)
    return f"cultivar {command.format(shlex.quote(subject) if subject else 'ID')}"
