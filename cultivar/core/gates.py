"""Gates between stages: three outcomes, and only ``pass`` opens one.

A check keeps figures and a sentence, never a row of the table that was checked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cultivar.core.errors import GateClosed
from cultivar.core.vocabulary import how_many

# as many digits of an artifact's hash as commands print and take
SHORT_HASH = 12

Outcome = Literal["pass", "fail", "not evaluated"]

# A person with the right role may answer for these findings; nobody can for the others, which
# make what follows meaningless (no seeds, leaked test items, damaged tables).
OVERRIDABLE = frozenset(
    {
        "unbalanced-test-set",
        "too-few-reviews",
        "accuracy-below-target",
        "accuracy-moving",
        "accuracy-not-stable",
    }
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a gate.

    ``code`` is stable and names what a person must fix; ``observed`` and ``expected`` are figures
    as text; ``sentence`` says what was wrong, what was found and what to do.
    """

    name: str
    code: str
    outcome: Outcome
    observed: str
    expected: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        """Return the form in which the registry keeps a check, which ``Check(**…)`` reads back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GateResult:
    """All checks of one gate over one artifact.

    ``classifier_id`` is None for a gate of the tenant; ``overridden`` says that a person answers
    for what it finds in this artifact, which ``artifact_sha256`` names.
    """

    gate: str
    checks: tuple[Check, ...]
    classifier_id: str | None = None
    overridden: bool = False
    artifact_sha256: str | None = None

    @property
    def outcome(self) -> Outcome:
        """Fail if any check fails; pass only if there are checks and each one passes."""
        return combined(check.outcome for check in self.checks)

    @property
    def opens(self) -> bool:
        """Whether the stage behind the gate may advance."""
        return self.overridden or self.outcome == "pass"

    @property
    def name(self) -> str:
        """The gate in words."""
        return self.gate.replace("_", " ")

    @property
    def sentence(self) -> str:
        """What the gate found: how many checks passed, or what keeps it closed."""
        if self.overridden:
            return f"gate {self.name} is open because somebody overrode it"
        if self.opens:
            return f"gate {self.name} passed: {how_many(len(self.checks), 'check')}"
        found = "failed" if self.outcome == "fail" else "was not evaluated"
        said = " ".join(check.sentence for check in self._told())
        return f"gate {self.name} {found}: {said or 'it held no checks.'}"

    def require(self) -> "GateResult":
        """Return the result itself when it opens.

        Raises:
            GateClosed: it does not; the code is that of the first check that failed, and the
                sentences name the command that overrides the gate, where that is allowed.
        """
        if self.opens:
            return self
        blocking = self.blocking()
        if not blocking:
            raise GateClosed("gate-not-evaluated", f"The gate {self.gate} held no checks.")
        raise GateClosed(
            blocking[0].code,
            " ".join([*(check.sentence for check in self._told()), *self._override(blocking)]),
            {"gate": self.gate, "checks": [check.as_dict() for check in blocking]},
        )

    def _override(self, blocking: tuple[Check, ...]) -> list[str]:
        if self.classifier_id is None or any(each.code not in OVERRIDABLE for each in blocking):
            return []
        over = f" --artifact {self.artifact_sha256[:SHORT_HASH]}" if self.artifact_sha256 else ""
        return [
            "To go on all the same, a compliance administrator answers for it: "
            f'`cultivar gate override {self.classifier_id} {self.gate}{over} --reason "REASON"`; '
            "then repeat the command."
        ]

    def _told(self) -> tuple[Check, ...]:
        """Return the first checks to name: where some failed, those without an answer say less."""
        blocking = self.blocking()
        return tuple(each for each in blocking if each.outcome == blocking[0].outcome)[:5]

    def blocking(self) -> tuple[Check, ...]:
        """Return the checks that keep it closed, failures first."""
        failed = tuple(check for check in self.checks if check.outcome == "fail")
        return failed + tuple(check for check in self.checks if check.outcome == "not evaluated")


def combined(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of several checks together; none at all is ``not evaluated``."""
    found = set(outcomes)
    if "fail" in found:
        return "fail"
    return "pass" if found == {"pass"} else "not evaluated"


def gate_result_from(stored: Mapping[str, Any]) -> GateResult:
    """Rebuild a gate result from its name and its checks, as the registry keeps them."""
    return GateResult(stored["gate"], tuple(Check(**check) for check in stored["checks"]))
