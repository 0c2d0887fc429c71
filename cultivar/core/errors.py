"""Errors that a person can act on, each with a stable code and a sentence written from facts.

No module raises a bare string to a user; what is not one of these is a defect of Cultivar.
"""

from collections.abc import Mapping

from cultivar.core.next_steps import Remedy


class CultivarError(Exception):
    """A mistake or a condition that a person can fix.

    ``code`` is stable and kebab-case, ``facts`` are the values that the sentence states.
    Neither may hold document text. ``cause`` is what was wrong, ``remedy`` the step that helps, and
    ``sentence`` both in words.
    """

    def __init__(
        self,
        code: str,
        cause: str,
        facts: Mapping[str, object] | None = None,
        remedy: Remedy | None = None,
    ) -> None:
        self.code = code
        self.cause = cause
        self.facts = dict(facts or {})
        self.remedy = remedy
        self.sentence = f"{cause} {remedy}" if remedy else cause
        super().__init__(self.sentence)

    def __reduce__(self) -> tuple[type, tuple[str, str, dict[str, object], Remedy | None]]:
        """Travel between processes with code, facts and remedy intact."""
        return (_rebuild_as(type(self)), (self.code, self.cause, self.facts, self.remedy))


def _rebuild_as(kind: type[CultivarError]) -> type[CultivarError]:
    return kind


class NotPermitted(CultivarError):
    """The person lacks the role or the ownership that the action needs."""


class NotFound(CultivarError):
    """The named thing does not exist."""


class NotReady(CultivarError):
    """The action is right but comes too early; the sentence says what must happen first."""


class InvalidInput(CultivarError):
    """The input breaks a stated limit or form."""


class GateClosed(CultivarError):
    """A gate failed, or could not be evaluated, so the stage may not advance."""


class Conflict(CultivarError):
    """Somebody else did, or is doing, what excludes this action."""


class StoreUnavailable(CultivarError):
    """The registry or the artifact store is full, read-only or out of reach."""


class Damaged(CultivarError):
    """A stored file is not what its hash or its header says."""


def place_of(error: BaseException) -> str:
    """Return the file and line at which an error arose; its text may quote a document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
