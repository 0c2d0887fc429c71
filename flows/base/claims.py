"""The frame in which a stage does its work: open workspace, claim, progress, announcements.

It holds one subject for one run at a time; what is done with it is the stage's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from prefect.runtime import flow_run

from cultivar.core.gates import GateResult
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import ClassifierState, classifier_state
from cultivar.operations.runs import claim
from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.transactions import TENANT, is_set_up, require_permitted
from cultivar.operations.transitions import StatusChange
from cultivar.store.workspace import Workspace, open_workspace
from flows.base.stage import classifier_tag, location_tag, tag_run
from tasks import Progress, reporting, say
from tasks.checking import Asked, check

NO_PATIENCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed subject: who works on it, where, and whom to tell how far it is.

    ``subject`` is the classifier's id, ``tenant:<stage>`` or ``location:<name>``; ``name`` is what
    people call it.
    """

    workspace: Workspace
    actor: str
    subject: str
    name: str
    advance: Progress
    classifier_id: str | None = None

    def check(
        self,
        gate: str,
        artifact: ArtifactReference,
        asked: Asked = Asked(),  # noqa: B008
    ) -> GateResult:
        """Check a gate of the subject as a step of the run; see ``tasks.checking.check``."""
        named = asked if asked.classifier_id else replace(asked, classifier_id=self.classifier_id)
        return check(self.workspace, gate, artifact, self.subject, named)


@contextmanager
def on_classifier(
    stage: str,
    action: Action,
    classifier: str,
    actor: str | None,
    patience: timedelta = NO_PATIENCE,
) -> Iterator[Work]:
    """Hold a classifier for a stage; another holder is waited for as long as ``patience`` lasts.

    Whether the actor may do what the stage does is looked at first.

    Raises:
        NotPermitted: the actor may not.
        NotFound: code ``unknown-classifier``.
        Conflict: code ``already-running``.
    """
    with open_workspace() as workspace:
        state = classifier_state(workspace, classifier)
        subject = (state.classifier_id, state.name)
        tag_run(classifier_tag(state.classifier_id))
        person = actor_id(workspace, actor)
        say(_begins(stage, state.name, person))
        require_permitted(workspace, person, action, state.classifier_id)
        with _held(workspace, stage, actor, subject, patience) as work:
            yield replace(work, classifier_id=state.classifier_id)


@contextmanager
def on_tenant(
    stage: str, action: Action | None, actor: str | None, called: str | None = None
) -> Iterator[Work]:
    """Hold the tenant for a stage of its own, such as the opt-in or the labelling.

    ``called`` is what people are told where it is another part or another user of that stage.
    ``action`` is what the actor must be permitted; None where the stage's own work decides that.

    Raises:
        NotPermitted: the actor may not.
        Conflict: code ``already-running``.
    """
    subject = (f"{TENANT}:{stage}", TENANT)
    with open_workspace() as workspace:
        person = actor_id(workspace, actor)
        say(_begins(called or stage, "the tenant", person))
        if action is not None:
            require_permitted_if_set_up(workspace, person, action)
        with _held(workspace, stage, actor, subject, called=called) as work:
            yield work


@contextmanager
def on_location(workspace: Workspace, actor: str, name: str) -> Iterator[Work]:
    """Hold a location while it is crawled.

    Raises:
        Conflict: code ``already-running``.
    """
    tag_run(location_tag(name))
    say(_begins("crawl", name, actor_id(workspace, actor)))
    with _held(workspace, "crawl", actor, (f"location:{name}", name)) as work:
        yield work


def _begins(stage: str, name: str, person: str) -> str:
    return f"{stage.replace('_', ' ')} of {name} begins, asked for by {person}"


@contextmanager
def _held(
    workspace: Workspace,
    stage: str,
    actor: str | None,
    subject: tuple[str, str],
    patience: timedelta = NO_PATIENCE,
    *,
    called: str | None = None,
) -> Iterator[Work]:
    key, name = subject
    person = actor_id(workspace, actor)
    what = called or stage.replace("_", " ")
    with (
        claim(workspace, stage, key, str(flow_run.id or "") or None, patience) as run,
        reporting.progress(what, name, run.progress) as advance,
    ):
        yield Work(workspace, person, key, name, advance)


def state_of(classifier: str) -> ClassifierState:
    """Return where a classifier stands, outside any claim."""
    with open_workspace() as workspace:
        return classifier_state(workspace, classifier)


def announce(moved: StatusChange) -> None:
    """Tell Prefect's listeners of a transition that the registry holds already."""
    reporting.announce(
        moved.event.replace(" ", "-"),
        moved.classifier_id,
        {"before": moved.before or "", "after": moved.after},
    )


def require_permitted_if_set_up(workspace: Workspace, person: str, action: Action) -> None:
    """Do nothing when a person may do this, or where the home is empty: schedules run there too.

    Raises:
        NotPermitted: the person may not.
    """
    if is_set_up(workspace):
        require_permitted(workspace, person, action)
