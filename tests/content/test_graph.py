"""A drive is crawled through Graph's delta feed, by cTag, through a fake Graph on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cultivar.content import graph_client
from cultivar.content.locations import Location, list_location
from cultivar.core.errors import CultivarError, NotFound, StoreUnavailable
from tests.content.conftest import Crawler
from tests.content.graph_server import DRIVE, TOKEN, GraphServer

pytest.importorskip("httpx")
ODD = ["a # b.txt", "50%25 + more.txt", "ünï 漢字.txt", "trailing .txt ", "a%2Fb?.txt"]


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphServer]:
    monkeypatch.setattr(graph_client, "_FIRST_PAUSE", 0.001)
    with GraphServer() as server:
        yield server


def drive(graph: GraphServer, folder: str = "", token: str = TOKEN) -> Location:
    options = {"endpoint": graph.endpoint, "token": token}
    return Location("site", f"graph://{DRIVE}{folder}", "sharepoint", options)


def paths(location: Location) -> list[str]:
    return [entry.path for entry in list_location(location).entries]


def test_odd_names_and_folders_come_through_all_pages(graph: GraphServer) -> None:
    graph.folder("f", "Q1 # 100%")
    for number, name in enumerate(ODD):
        graph.file(f"i{number}", name, b"text", "f")
    assert paths(drive(graph)) == sorted(f"Q1 # 100%/{name}" for name in ODD)
    assert paths(drive(graph, "/Q1 # 100%")) == sorted(ODD)


def test_only_what_changed_is_downloaded_again(graph: GraphServer, crawled: Crawler) -> None:
    graph.file("a", "a.txt", b"the first letter")
    graph.file("b", "b.txt", b"the second letter")
    first = crawled(drive(graph))
    assert {path: row["text"] for path, row in first.rows.items()} == {
        "a.txt": "the first letter",
        "b.txt": "the second letter",
    }
    assert first.rows["a.txt"]["created_source"] == "source"
    assert first.rows["a.txt"]["created_at"] == datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert not crawled(drive(graph), first).changed
    graph.requests.clear()
    graph.file("a", "a.txt", b"the first letter, rewritten")
    graph.feed.append({"id": "b", "deleted": {}})
    again = crawled(drive(graph), first)
    assert again.rows["a.txt"]["text"] == "the first letter, rewritten"
    assert (again.summary.changed, again.summary.deleted, len(again.rows)) == (1, 1, 1)
    downloads = [seen for seen in graph.requests if seen[0].startswith("/download")]
    assert downloads == [("/download/a", None)], "once, and the token stays with Graph"


def test_an_unfinished_feed_deletes_nothing(graph: GraphServer, crawled: Crawler) -> None:
    graph.file("a", "a.txt", b"the first letter")
    first = crawled(drive(graph))
    graph.feed.append({"id": "a", "deleted": {}})
    graph.ends = False
    again = crawled(drive(graph), first)
    assert (again.summary.deleted, again.summary.complete) == (0, False)


@pytest.mark.parametrize("status", [429, 503])
def test_a_passing_refusal_is_tried_again(graph: GraphServer, status: int) -> None:
    graph.file("a", "a.txt", b"text")
    graph.refusals = [(status, {"Retry-After": "0"}), (status, {})]
    assert paths(drive(graph)) == ["a.txt"]


def test_a_lasting_refusal_ends_in_a_sentence(graph: GraphServer) -> None:
    graph.refusals = [(429, {"Retry-After": "0"})] * 50
    with pytest.raises(StoreUnavailable, match="keeps answering 429"):
        list_location(drive(graph))
    assert len(graph.requests) == 6


def test_the_wait_that_graph_asks_for_is_kept(
    graph: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("cultivar.content.graph_client.time.sleep", slept.append)
    graph.refusals = [(429, {"Retry-After": "17"})]
    list_location(drive(graph))
    assert slept == [17.0]


def test_wrong_credentials_and_unknown_places_are_told_apart(graph: GraphServer) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        list_location(drive(graph, token="wrong"))
    assert refused.value.code == "graph-refused"
    with pytest.raises(NotFound):
        list_location(drive(graph, "/no such folder"))
    for status, kind in ((403, StoreUnavailable), (404, NotFound)):
        graph.refusals = [(status, {})]
        with pytest.raises(kind):
            list_location(drive(graph))


def test_missing_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in graph_client.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CultivarError, match="AZURE_CLIENT_SECRET") as missing:
        list_location(Location("site", f"graph://{DRIVE}", "sharepoint"))
    assert missing.value.code == "graph-not-configured"
