"""Mails of a seed's thread are no test items, wherever they lie; a subject alone tells nothing."""

from pathlib import Path

import pyarrow as pa

from cultivar.core.schemas import TEST_SET
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import crawl_known
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.operations.training.seeds import with_selection
from cultivar.operations.training.test_selection import SEED_COLUMNS, with_added
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, written


def mail(name: str, number: int, *headers: str) -> str:
    lines = [f"Message-ID: <{name}@x>", "From: ada@x", "Subject: Re: terms", *headers]
    return "\n".join([*lines, "", written(CONTRACT, number), ""])


def crawled(workspace: Workspace, name: str, folder: Path) -> pa.Table:
    add_location(workspace, ADMINISTRATOR, name, str(folder))
    found = crawl_known(workspace, location_named(workspace, name), lambda *_: None)
    record_crawl(workspace, name, found.items, found.counts)
    return workspace.artifacts.read(found.items)


def test_mails_of_a_thread_with_a_seed_are_left_out(workspace: Workspace, tmp_path: Path) -> None:
    bootstrap(workspace, ADMINISTRATOR)
    for folder in ("seeds", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "seeds/seed.eml").write_text(mail("seed", 1, "References: <root@x> <second@x>"))
    found = {
        "root": mail("root", 2),
        "sister": mail("sister", 3, "References: <root@x>", "In-Reply-To: <root@x>"),
        "answer": mail("answer", 4, "In-Reply-To: <seed@x>"),
        "same-subject": mail("other", 5, "In-Reply-To: <elsewhere@x>"),
    }
    box = "".join(f"From ada@x Thu Jan  1 00:00:00 2026\n{each}\n" for each in found.values())
    (tmp_path / "tests/box.mbox").write_text(box)
    seeds = with_selection(crawled(workspace, "seeds", tmp_path / "seeds"), {})
    items = crawled(workspace, "tests", tmp_path / "tests")
    selected = with_added(
        TEST_SET.arrow.empty_table(), items, seeds.select(SEED_COLUMNS), {}
    ).to_pylist()
    messages = dict(zip(items.column("item_id").to_pylist(),
                        items.column("message_id").to_pylist(), strict=True))  # fmt: skip
    skipped = {messages[row["item_id"]]: row["skipped"] for row in selected}
    assert {name for name in skipped if name} == {"root@x", "sister@x", "answer@x", "other@x"}
    assert [name for name, reason in skipped.items() if name and reason is None] == ["other@x"]
    assert {skipped[f"{name}@x"] for name in ("root", "sister", "answer")} == {
        "in the family of a seed"
    }
