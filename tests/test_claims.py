"""README and docs claim what was measured and nothing else; a run tells what no longer holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import reproduce
from benchmarks.claims import (
    PAGE,
    Claim,
    Row,
    Saying,
    Table,
    Tolerance,
    placed,
    remade,
    sayings,
    tables,
    unclaimed,
)

ROOT = Path(__file__).parent.parent
MEASUREMENTS = (ROOT / PAGE).read_text(encoding="utf-8")
CLAIMS = {claim.name: claim for table in tables() for claim in table.claims}
# A figure of what was measured: of a fraction, or of time, size, share or speed.
FIGURE = re.compile(r"\d\.\d|\d (?:%|MB|ms|s|seconds?|minutes?|points?|times)\b", re.IGNORECASE)


@pytest.mark.parametrize("page", [PAGE, "README.md"])
def test_every_claim_stands_on_its_page_and_the_page_shows_what_is_claimed(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert remade(text) == text, "make docs"
    assert sorted(placed(text)) == sorted(each.name for each in tables() if each.page == page)


def test_the_page_states_no_figure_that_nothing_measures() -> None:
    assert FIGURE.findall(unclaimed(MEASUREMENTS)) == []
    for table in tables():
        assert re.findall(r"\d\.\d", table.text) == [], table.name
        assert list(table.claims), table.name


def test_the_readme_s_table_says_what_the_page_does() -> None:
    by_name = {table.name: {row.what: row.cells for row in table.rows} for table in tables()}
    told, shown = by_name["content-short"], by_name["content"]
    for what, (review, balanced, naive, after) in told.items():
        before, later = shown[f"{what}, none"], shown[f"{what}, 200"]
        assert (review, balanced, naive, after) == (before[0], before[2], before[4], later[2])


@pytest.mark.parametrize("said", sayings(), ids=lambda said: said.text)
def test_what_another_page_says_is_what_was_measured(said: Saying) -> None:
    assert said.text in (ROOT / said.page).read_text(encoding="utf-8")
    assert abs(CLAIMS[said.claim].claimed - said.value) <= said.off


def test_the_readme_and_the_lifecycle_say_no_duration_or_quality_that_is_not_claimed() -> None:
    told = {each.text for each in sayings()}
    for page in ("README.md", "docs/lifecycle.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in re.findall(r"\w+ (?:minutes|seconds)\b|[a-z]+ in (?:four|five|\d+)\b", text):
            assert any(found in each for each in told), found


def test_a_run_tells_what_holds_what_does_not_and_what_the_output_lacks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exact, fast = Tolerance("± 0.01"), Tolerance("≥ 0.5 times")
    first = (Claim("t", "a", "AP", "0.50", 1, exact), Claim("t", "a", "MB", "40", 2, fast))
    rows = (
        Row("a", r"a ([\d.]+) ([\d.]+)", ("0.50", "40"), first),
        Row("b", r"b ([\d.]+)", ("0.70",), (Claim("t", "b", "AP", "0.70", 1, exact),)),
    )
    table = replace(tables()[0], rows=rows)
    assert reproduce.judged(table, "a 0.51 19\n") == {"PASS": 1, "FAIL": 2}
    shown = capsys.readouterr().out
    assert "PASS  claimed     0.50  measured     0.51" in shown
    assert "FAIL  claimed       40  measured       19" in shown
    assert "FAIL  claimed     0.70  measured  nothing" in shown


def test_a_command_runs_once_for_all_its_tables_and_speeds_alone_after_the_others(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"

    def table(name: str, said: str, *, alone: bool = False) -> Table:
        write = f"open({str(log)!r}, 'a').write({said!r} + chr(10)); print({said!r})"
        command = f'python -c "{write}"'
        return replace(tables()[0], name=name, command=command, alone=alone)

    chosen = [table("speed", "c", alone=True), table("first", "a"), table("second", "a"),
              table("third", "b")]  # fmt: skip
    found = dict(reproduce.runs(chosen, 2))
    assert [found[each.command].output for each in chosen] == ["c\n", "a\n", "a\n", "b\n"]
    assert all(not run.code and run.seconds > 0 for run in found.values())
    written = log.read_text(encoding="utf-8").split()
    assert sorted(written[:2]) == ["a", "b"]
    assert written[2:] == ["c"]


def test_the_default_set_takes_less_than_half_an_hour_on_two_cores() -> None:
    minutes = {each.command: (each.minutes, each.alone) for each in tables() if not each.long}
    alone = sum(minute for minute, is_alone in minutes.values() if is_alone)
    beside = sum(minute for minute, is_alone in minutes.values() if not is_alone)
    assert alone + beside / 2 < 30


def test_what_takes_long_or_lacks_its_corpora_is_skipped_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CULTIVAR_CORPORA", raising=False)
    assert reproduce.main(["--only", "seeds"]) == 0
    assert "SKIPPED: CULTIVAR_CORPORA is not set" in capsys.readouterr().out
