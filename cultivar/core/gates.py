"""Gates between stages: three outcomes, and only ``pass`` opens one.

A check keeps figures and a sentence, never a row of the table that was checked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cultivar.core.errors import GateClosed
from cultivar.core.figures import counted

Outcome = Literal["pass", "fail", "not evaluated"]


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
        """Return plain values for the registry and for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GateResult:
    """All checks of one gate over one artifact."""

    gate: str
    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """Fail if any check fails; pass only if there are checks and each one passes."""
        return combined(check.outcome for check in self.checks)

    @property
    def opens(self) -> bool:
        """Whether the stage behind the gate may advance."""
        return self.outcome == "pass"

    @property
    def name(self) -> str:
        """The gate in words."""
        return self.gate.replace("_", " ")

    @property
    def sentence(self) -> str:
        """What the gate found: how many checks passed, or what keeps it shut."""
        if self.opens:
            return f"gate {self.name} passed: {counted(len(self.checks), 'check')}"
        found = "failed" if self.outcome == "fail" else "was not evaluated"
        said = " ".join(check.sentence for check in self.blocking()[:5])
        return f"gate {self.name} {found}: {said or 'it held no checks.'}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the registry and for JSON."""
        return {
            "gate": self.gate,
            "outcome": self.outcome,
            "checks": [check.as_dict() for check in self.checks],
        }

    def require(self) -> "GateResult":
        """Return the result itself when it opens.

        Raises:
            GateClosed: it does not; code and sentence are those of the first check that failed.
        """
        if self.opens:
            return self
        blocking = self.blocking()
        if not blocking:
            raise GateClosed("gate-not-evaluated", f"The gate {self.gate} held no checks.")
        raise GateClosed(
            blocking[0].code,
            " ".join(check.sentence for check in blocking[:5]),
            {"gate": self.gate, "checks": [check.as_dict() for check in blocking]},
        )

    def blocking(self) -> tuple[Check, ...]:
        """Return the checks that keep it shut, failures first."""
        failed = tuple(check for check in self.checks if check.outcome == "fail")
        return failed + tuple(check for check in self.checks if check.outcome == "not evaluated")


def combined(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of several checks together; none at all is ``not evaluated``."""
    found = set(outcomes)
    if "fail" in found:
        return "fail"
    return "pass" if found == {"pass"} else "not evaluated"


def gate_result_from(stored: Mapping[str, Any]) -> GateResult:
    """Rebuild a gate result from ``GateResult.as_dict``."""
    return GateResult(stored["gate"], tuple(Check(**check) for check in stored["checks"]))
