"""A drive is crawled through Graph's delta feed, by cTag, through a fake Graph on loopback."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from cultivar.content.graph import client as graph_client
from cultivar.content.locations import Location, list_location
from cultivar.core.errors import CultivarError, NotFound, StoreUnavailable
from tests.content.conftest import Crawler
from tests.content.graph_server import DRIVE, TOKEN, GraphServer

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
    monkeypatch.setattr("cultivar.content.graph.client.time.sleep", slept.append)
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


def test_a_feed_that_lost_its_place_starts_over(graph: GraphServer) -> None:
    graph.file("a", "a.txt", b"the first letter")
    graph.file("b", "b.txt", b"the second letter")
    fresh = f"{graph.endpoint}/drives/{DRIVE}/root/delta?token=0"
    assert paths(drive(graph)) == ["a.txt", "b.txt"]
    graph.requests.clear()
    graph.refusals = [(410, {"Location": fresh})]
    listed = list_location(drive(graph))
    assert ([entry.path for entry in listed.entries], listed.complete) == (["a.txt", "b.txt"], True)
    assert graph.requests[1][0].endswith("delta?token=0")


def test_what_a_page_said_before_the_place_was_lost_is_forgotten(graph: GraphServer) -> None:
    graph.file("a", "a.txt", b"the first letter")
    graph.file("b", "b.txt", b"the second letter")
    fresh = f"{graph.endpoint}/drives/{DRIVE}/root/delta?token=0"
    answer, seen = graph.answer, 0

    def losing(target: str, token: str | None) -> tuple[int, dict[str, str], bytes]:
        nonlocal seen
        seen += 1
        if seen == 2:
            # While the feed is at its second page, the first file goes.
            graph.feed = [each for each in graph.feed if each["id"] != "a"]
            return 410, {"Location": fresh}, b"{}"
        return answer(target, token)

    graph.answer = losing  # type: ignore[method-assign]
    assert paths(drive(graph)) == ["b.txt"]


def test_a_feed_that_loses_its_place_for_ever_ends_in_a_sentence(graph: GraphServer) -> None:
    fresh = f"{graph.endpoint}/drives/{DRIVE}/root/delta?token=0"
    graph.refusals = [(410, {"Location": fresh})] * 10
    with pytest.raises(StoreUnavailable) as refused:
        list_location(drive(graph))
    assert refused.value.code == "location-unreachable"
    assert len(graph.requests) == 3


def test_a_resync_does_not_lead_the_token_to_another_host(graph: GraphServer) -> None:
    graph.refusals = [(410, {"Location": "http://localhost:1/elsewhere"})]
    with pytest.raises(StoreUnavailable, match="another host"):
        list_location(drive(graph))


@pytest.mark.parametrize("library", ["httpx", "msal"])
def test_without_the_extra_its_name_is_given(
    graph: GraphServer, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for name in graph_client.VARIABLES:
        monkeypatch.setenv(name, "something")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(CultivarError, match=r"cultivar\[graph\]") as missing:
        list_location(Location("site", f"graph://{DRIVE}", "sharepoint"))
    assert missing.value.code == "graph-not-installed"


class Redirected(httpx.HTTPTransport):
    """Sends what is meant for another host to a port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return super().handle_request(request)


@pytest.fixture
def signing(graph: GraphServer, monkeypatch: pytest.MonkeyPatch) -> Location:
    pytest.importorskip("msal")
    values = ("11111111-2222-3333-4444-555555555555", "the-application", "the-secret")
    for name, value in zip(graph_client.VARIABLES, values, strict=True):
        monkeypatch.setenv(name, value)
    # The library signs in over https alone, so its requests are led to the server on loopback.
    mounts = {graph.authority: Redirected(graph.port)}
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, mounts=mounts))
    return Location("site", f"graph://{DRIVE}", "sharepoint", {"endpoint": graph.endpoint})


def test_an_application_signs_in_once_for_all_pages(graph: GraphServer, signing: Location) -> None:
    for number in range(7):
        graph.file(f"i{number}", f"{number}.txt", b"text")
    assert len(paths(signing)) == 7
    assert graph.sign_ins == 1
    tokens = {token for target, token in graph.requests if "/drives/" in target}
    assert tokens == {f"Bearer {TOKEN}"}


def test_a_secret_that_is_not_accepted_is_a_sentence_without_it(
    graph: GraphServer, signing: Location
) -> None:
    graph.signs_in = False
    with pytest.raises(StoreUnavailable, match="invalid_client") as refused:
        list_location(signing)
    assert refused.value.code == "graph-refused"
    assert "the-secret" not in refused.value.sentence


def test_an_authority_that_does_not_answer_is_a_sentence(
    graph: GraphServer, signing: Location
) -> None:
    graph.is_down = True
    with pytest.raises(StoreUnavailable) as refused:
        list_location(signing)
    assert refused.value.code == "location-unreachable"
