"""The artifact store by command: what takes how much, and what goes."""

import pytest

from cultivar.operations.content.crawl_records import record_crawl
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.organisation import CONTRACT, Organisation, documents, items_table


@pytest.fixture
def crawled_again(used: Organisation) -> Workspace:
    """A home in which a crawl of the mailbox was replaced by another, and not labelled yet."""
    rows = items_table("mail", documents(CONTRACT, 10, "inbox", 20_000))
    items = used.workspace.artifacts.write("items", rows, producer="crawl")
    record_crawl(used.workspace, "mail", items, {"found": items.rows})
    return used.workspace


def test_usage_says_of_each_kind_what_needs_it(cultivar: Command, crawled_again: Workspace) -> None:
    usage = cultivar("store", "usage", "--json").json["usage"]
    kinds = {each["kind"]: each for each in usage["kinds"]}
    assert kinds["model"]["live"]["files"] == 1
    assert usage["beside"]["registry"] > 0
    shown = cultivar("store", "usage").out
    assert "Unneeded" in shown
    assert "registry" in shown


def test_a_sweep_shows_first_and_removes_when_told(
    cultivar: Command, crawled_again: Workspace
) -> None:
    crawled_again.artifacts.write(
        "items", items_table("mail", documents(CONTRACT, 3, "inbox")), producer="crawl"
    )
    plan = cultivar("store", "sweep", "--json").json
    assert plan["plan"]["unneeded"]["items"]["files"] == 1
    assert plan["plan"]["due"] == {}
    assert plan["next"] == "cultivar store sweep --delete"
    shown = cultivar("store", "sweep")
    assert "is not noted yet" in shown.out
    noted = cultivar("store", "sweep", "--delete", "--json").json["swept"]
    assert noted["removed"] == {}
    assert noted["waiting"]["files"] == 1
    assert "more is on" in cultivar("store", "sweep").out
    refused = cultivar("store", "sweep", "--delete", "--older-than", "0", "--json")
    assert refused.error == "not-confirmed"
    swept = cultivar("store", "sweep", "--delete", "--older-than", "0", "--yes")
    assert swept.out.startswith("1 file removed")
    assert cultivar("store", "sweep").out.startswith("Everything in the store is needed.")
    assert cultivar("verify").code == 0
