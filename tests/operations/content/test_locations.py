"""Locations and the folders that people name."""

from pathlib import Path

import pytest

from cultivar.content.locations import Source
from cultivar.core.errors import Conflict, InvalidInput, NotFound, NotReady
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.items import find_item
from cultivar.operations.content.locations import (
    add_location,
    items_of,
    location_named,
    locations,
    resolve_source,
)
from cultivar.operations.tenant.tenant import bootstrap
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, documents


@pytest.fixture
def known(organisation: Organisation) -> Organisation:
    bootstrap(organisation.workspace, ADMINISTRATOR)
    add_location(organisation.workspace, ADMINISTRATOR, "legal", "file:///srv/legal/")
    return organisation


def test_the_same_location_twice_is_one_and_another_place_is_a_conflict(
    known: Organisation,
) -> None:
    add_location(known.workspace, ADMINISTRATOR, "legal", "file:///srv/legal/")
    assert [each.name for each in locations(known.workspace)] == ["legal"]
    with pytest.raises(Conflict) as refused:
        add_location(known.workspace, ADMINISTRATOR, "legal", "file:///srv/other")
    assert refused.value.code == "location-exists"


def test_an_unknown_purpose_is_refused(known: Organisation) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_location(known.workspace, ADMINISTRATOR, "a", "file:///a", purpose="fun")
    assert refused.value.code == "unknown-purpose"


@pytest.mark.requirement("TC-29", "TC-44")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("legal", Source("legal")),
        ("legal/Documents", Source("legal", "Documents")),
        ("legal/Documents/seeds/2026", Source("legal", "Documents", "seeds/2026")),
        ("/srv/legal/Documents/seeds", Source("legal", "Documents", "seeds")),
        ("file:///srv/legal", Source("legal")),
    ],
)
def test_a_folder_is_named_by_site_library_and_folder_or_by_its_place(
    known: Organisation, text: str, source: Source
) -> None:
    assert resolve_source(known.workspace, text) == source


def test_the_nearest_location_holds_a_folder(known: Organisation) -> None:
    add_location(known.workspace, ADMINISTRATOR, "archive", "/srv/legal/archive", purpose="seed")
    found = resolve_source(known.workspace, "/srv/legal/archive/2020")
    assert found == Source("archive", "2020")


def test_an_unknown_location_offers_what_may_be_meant(known: Organisation) -> None:
    with pytest.raises(NotFound) as refused:
        resolve_source(known.workspace, "legl/Documents")
    assert refused.value.code == "unknown-location"
    assert "Did you mean legal?" in refused.value.sentence
    with pytest.raises(NotFound, match="/srv/legalese"):
        resolve_source(known.workspace, "/srv/legalese")
    with pytest.raises(InvalidInput):
        resolve_source(known.workspace, "  ")


@pytest.mark.requirement("TC-30", "TC-45")
def test_a_location_that_was_never_crawled_is_refused_and_says_how_to_crawl_it(
    known: Organisation,
) -> None:
    with pytest.raises(NotReady) as refused:
        items_of(known.workspace, Source("legal", "Documents"))
    assert refused.value.code == "not-crawled"
    assert "cultivar crawl legal" in refused.value.sentence
    known.add("other", documents(CONTRACT, 3, "a"))
    assert items_of(known.workspace, Source("other")).items_sha256


def test_a_crawl_is_recorded_on_its_location(known: Organisation) -> None:
    items = known.add("other", documents(CONTRACT, 3, "a"))
    record_crawl(known.workspace, "legal", items, {"found": 3, "deleted": 1})
    found = location_named(known.workspace, "legal")
    assert (found.items_sha256, found.counts["deleted"]) == (items.sha256, 1)
    assert found.crawled_at is not None
    assert found.location.url == "file:///srv/legal/"


@pytest.mark.parametrize(
    "spelling", ["{0}", "{0}/", "file://{0}", "{0}/../{1}", "{0}-link", "file://{0}/"]
)
def test_a_folder_is_one_place_however_it_is_written(
    known: Organisation, tmp_path: Path, spelling: str
) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (tmp_path / "mail-link").symlink_to(folder)
    add_location(known.workspace, ADMINISTRATOR, "mail", str(folder))
    with pytest.raises(Conflict) as refused:
        add_location(known.workspace, ADMINISTRATOR, "post", spelling.format(folder, folder.name))
    assert refused.value.code == "place-taken"
    assert refused.value.remedy is not None
    assert refused.value.remedy.command == "cultivar crawl mail"


@pytest.mark.parametrize("other", ["/srv/legal/archive", "/srv", "file:///srv/legal/a/b/"])
def test_content_may_not_hold_other_content(known: Organisation, other: str) -> None:
    with pytest.raises(Conflict) as refused:
        add_location(known.workspace, ADMINISTRATOR, "other", other)
    assert refused.value.code == "places-overlap"
    add_location(known.workspace, ADMINISTRATOR, "other", other, purpose="seed")


@pytest.mark.parametrize("place", ["/", "{home}", "{home}/artifacts", "{home}/.."])
def test_what_cultivar_keeps_is_no_content(known: Organisation, place: str) -> None:
    home = known.workspace.settings.home
    with pytest.raises(InvalidInput) as refused:
        add_location(known.workspace, ADMINISTRATOR, "own", place.format(home=home))
    assert refused.value.code == "own-home"
    add_location(known.workspace, ADMINISTRATOR, "own", f"{home}/organisation")


@pytest.mark.parametrize("url", ["", " ", "s3://", "gs:///", "nosuch://bucket/folder"])
def test_what_names_no_place_is_no_location(known: Organisation, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_location(known.workspace, ADMINISTRATOR, "nowhere", url)
    assert refused.value.code == "no-such-folder"
    with pytest.raises(NotFound) as unknown:
        find_item(known.workspace, "a.txt", location="nowhere")
    assert unknown.value.code == "unknown-location"
