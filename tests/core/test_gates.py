"""Gates: what opens one, and what a refusal names as the way on."""

import pytest

from cultivar.core.errors import GateClosed
from cultivar.core.gates import OVERRIDABLE, Check, GateResult, Outcome

COMMAND = '`cultivar gate override letters predictions --reason "REASON"`'


def check(code: str, outcome: Outcome = "fail") -> Check:
    return Check(code, code, outcome, "1", "2", f"It is {code}.")


def refusal(result: GateResult) -> GateClosed:
    with pytest.raises(GateClosed) as refused:
        result.require()
    return refused.value


@pytest.mark.parametrize("code", sorted(OVERRIDABLE))
def test_a_finding_of_judgement_names_the_command_that_overrides_its_gate(code: str) -> None:
    found = refusal(GateResult("predictions", (check(code), check("x", "pass")), "letters"))
    assert found.code == code
    assert found.sentence.startswith(f"It is {code}. ")
    assert COMMAND in found.sentence


def test_no_override_is_offered_where_none_is_allowed() -> None:
    judged, firm = check("unbalanced-test-set"), check("leaked-seed")
    for result in (
        GateResult("predictions", (judged, firm), "letters"),
        GateResult("predictions", (judged,)),  # the tenant's own: there is no classifier to name
    ):
        assert "override" not in refusal(result).sentence


def test_a_gate_that_a_person_answers_for_is_open() -> None:
    failed = GateResult("predictions", (check("unbalanced-test-set"),), "letters", overridden=True)
    assert (failed.opens, failed.outcome) == (True, "fail")
    assert failed.require() is failed
