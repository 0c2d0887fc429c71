"""A known location is crawled within the bounds of the settings, and not again when unchanged."""

from pathlib import Path

import pytest

from cultivar.content.limits import limits_of
from cultivar.core.errors import Damaged
from cultivar.core.schemas import ITEMS
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import Crawled, crawl_known
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from tests.operations.organisation import ADMINISTRATOR, Organisation


def test_bounds_are_those_of_the_settings(tmp_path: Path) -> None:
    stated = {
        "CULTIVAR_HOME": str(tmp_path), "CULTIVAR_MAX_BYTES": "11", "CULTIVAR_WORKERS": "3",
        "CULTIVAR_MAX_CHARACTERS": "1200", "CULTIVAR_PARSE_SECONDS": "14",
        "CULTIVAR_PARSE_MEMORY": "600000000", "CULTIVAR_OCR": "on",
    }  # fmt: skip
    found = limits_of(read_settings(stated))
    assert (found.max_bytes, found.workers, found.max_characters) == (11, 3, 1_200)
    assert (found.seconds, found.memory_bytes, found.ocr) == (14.0, 600_000_000, True)


def test_a_location_without_changes_keeps_its_artifact(
    organisation: Organisation, tmp_path: Path
) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.txt").write_text("the first letter")
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    add_location(workspace, ADMINISTRATOR, "post", str(folder))
    told: list[tuple[int, int]] = []

    def crawl_again() -> tuple[str, bool]:
        known = location_named(workspace, "post")
        found = crawl_known(workspace, known, lambda done, total: told.append((done, total)))
        record_crawl(workspace, "post", found.items, found.counts)
        return found.items.sha256, found.changed

    first, changed = crawl_again()
    assert changed
    assert crawl_again() == (first, False)
    (folder / "b.txt").write_text("the second letter")
    second, changed = crawl_again()
    assert (second != first, changed) == (True, True)
    assert told == [(1, 1), (1, 1)]


def test_no_crawl_builds_on_damaged_items_and_reading_from_scratch_mends_them(
    organisation: Organisation, tmp_path: Path
) -> None:
    workspace = organisation.workspace
    place = workspace.settings.artifacts_url
    if "://" in place:
        pytest.skip("the bytes of an object store cannot be changed behind its back here")
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.txt").write_text("the first letter")
    bootstrap(workspace, ADMINISTRATOR)
    add_location(workspace, ADMINISTRATOR, "post", str(folder))

    def crawl_again(*, from_scratch: bool = False) -> Crawled:
        known = location_named(workspace, "post")
        return crawl_known(workspace, known, lambda *_: None, from_scratch=from_scratch)

    first = crawl_again()
    record_crawl(workspace, "post", first.items, first.counts)
    [file] = Path(place).rglob(f"{first.items.sha256}*")
    whole = file.read_bytes()
    at = whole.index(b"a.txt")
    file.write_bytes(whole[:at] + b"XX" + whole[at + 2 :])
    (folder / "b.txt").write_text("the second letter")
    with pytest.raises(Damaged) as refused:
        crawl_again()
    assert refused.value.code == "artifact-damaged"
    assert "`cultivar crawl post --from-scratch`" in refused.value.sentence
    with pytest.raises(Damaged):  # and so for whatever names it as an input
        workspace.artifacts.write(
            ITEMS.name, ITEMS.arrow.empty_table(), producer="x", inputs={"items": first.items}
        )
    (folder / "b.txt").unlink()
    again = crawl_again(from_scratch=True)
    # the same rows have the same name: the damaged file is replaced
    assert (again.items, file.read_bytes()) == (first.items, whole)
    assert not crawl_again().changed
