"""The page on Prefect names each flow with its schedule, and none that does not exist."""

import re
from pathlib import Path

from flows.base.stage import TAGS_AT_MOST
from processes.deployments import DEPLOYED

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "prefect.md").read_text(encoding="utf-8")
TABLE = [line for line in PAGE.split("## Run a flow")[0].splitlines() if line.startswith("| `")]


def _flow(function: str) -> str:
    return function.replace("_", "-")


def test_each_deployed_flow_has_its_row_and_no_other() -> None:
    named = {name for row in TABLE for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    assert named == {_flow(each.function) for each in DEPLOYED}
    assert len(DEPLOYED) == 19, "the page says nineteen"


def test_a_command_is_named_where_it_runs_the_flow_and_only_there() -> None:
    modules = [*(ROOT / "cli").rglob("*.py"), ROOT / "processes" / "gate_process.py"]
    commands = "\n".join(each.read_text(encoding="utf-8") for each in modules)
    rows = {
        name: row.split("|")[2]
        for row in TABLE
        for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])
    }
    for each in DEPLOYED:
        runs = re.search(rf'\("{each.function}"(, |\)\.load)', commands)
        named = re.search(r"`cultivar (?!up)[a-z -]+`(?! \w+ without a flow)", rows[each.flow])
        assert bool(runs) == bool(named), each.function


def test_each_schedule_is_stated_as_it_is_deployed() -> None:
    rows = {row.split("|")[1].strip(" `"): row.split("|")[3].strip() for row in TABLE}
    for each in DEPLOYED:
        stated = rows.get(_flow(each.function), "none")
        if each.cron is None:
            assert stated == "none", each.function
            continue
        minute, hour, *_, day = each.cron.split()
        wanted = (
            f"every {minute.removeprefix('*/')} minutes"
            if minute.startswith("*/")
            else f"{'Sundays, ' if day == '0' else ''}{int(hour):02}:{int(minute):02}"
        )
        assert stated == wanted, each.function


def test_the_most_tags_of_a_run_are_stated() -> None:
    assert TAGS_AT_MOST == 20
    assert "at most twenty tags" in PAGE


def test_the_readme_links_the_page() -> None:
    assert "(docs/prefect.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
