"""What each page shows: one dataclass a template, and nothing else reaches the template.

A test holds each template to the fields of its page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cultivar.core.errors import CultivarError
from cultivar.operations.classifiers.details import ClassifierDetails
from cultivar.operations.classifiers.summaries import ClassifierSummary
from cultivar.operations.review.cards import Card
from cultivar.operations.review.state import ReviewState
from cultivar.web.console.highlighting import Highlighted
from cultivar.web.console.rendering import Page


@dataclass(frozen=True, slots=True)
class ErrorPage(Page):
    """A refusal: its sentence and code; the template knows what some codes mean."""

    template: ClassVar[str] = "error.html"
    status: int
    phrase: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SignInPage(Page):
    """Where somebody signs in; ``next`` is where they wanted to go."""

    template: ClassVar[str] = "sign_in.html"
    next: str
    name: str
    error: CultivarError | None


@dataclass(frozen=True, slots=True)
class SetUpPage(Page):
    """Where a person chooses their password; None where the link does not work."""

    template: ClassVar[str] = "set_up.html"
    token: str
    person: str | None
    error: CultivarError | None


@dataclass(frozen=True, slots=True)
class AccountPage(Page):
    """Who is signed in."""

    template: ClassVar[str] = "account.html"
    person: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the person: what it is, of which classifier, and where it is done.

    ``step`` is the next step's name; ``address`` is None where the console has no page for it yet,
    and ``command`` says how it is done until then.
    """

    classifier: ClassifierSummary
    step: str
    address: str | None
    command: str


@dataclass(frozen=True, slots=True)
class OverviewPage(Page):
    """The first page: what waits for the person, and how the organisation stands."""

    template: ClassVar[str] = "overview.html"
    organisation: str
    is_opted_in: bool
    documents: int
    waiting: Sequence[Waiting]
    classifiers: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One classifier in the list, with the accuracy of its review where there is one."""

    summary: ClassifierSummary
    review: ReviewState


@dataclass(frozen=True, slots=True)
class ClassifiersPage(Page):
    """All trainable classifiers by heading, in the order of their life."""

    template: ClassVar[str] = "classifiers.html"
    groups: Sequence[tuple[str, Sequence[Listed]]]


@dataclass(frozen=True, slots=True)
class ClassifierPage(Page):
    """One classifier: its steps, accuracy, gates, versions."""

    template: ClassVar[str] = "classifier.html"
    classifier: ClassifierDetails
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One item to judge, with its words highlighted."""

    card: Card
    highlighted: Highlighted


@dataclass(frozen=True, slots=True)
class ReviewPage(Page):
    """The review: the items of the open batch that have no verdict, and where the review stands."""

    template: ClassVar[str] = "review.html"
    classifier: ClassifierSummary
    review: ReviewState
    items: Sequence[ItemShown]
    is_published: bool
