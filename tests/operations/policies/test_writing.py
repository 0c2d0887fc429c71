"""Labels in the content's own stores: put once, taken back alone, retried, never over another's."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import NotPermitted
from cultivar.operations.policies.delivery import write_due
from cultivar.operations.policies.write_queue import (
    name_drive,
    queue_writes,
    retry_writes,
    write_status,
)
from cultivar.operations.policies.writers.attributes import Attributes
from cultivar.operations.policies.writers.graph import Graph
from cultivar.operations.policies.writers.places import CannotWrite, Place, RetryLater, Writer
from cultivar.operations.policies.writers.tags import Tags
from cultivar.operations.policies.writers.webhook import Webhook, signature
from cultivar.store.tables import WriteRow
from cultivar.store.workspace import Workspace, now
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policies.test_policy_applying import CONTENT, undo
from tests.operations.policing import apply, label, make, matches, publish_and_label
from tests.operations.services import Service, serving

PLACE = Place("item", "home", "", "a.txt", True, "retention label", "")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with serving(service) as url:
        yield url


@pytest.fixture
def workspace(stable: Organisation) -> Workspace:
    publish_and_label(stable)
    return stable.workspace


def write(workspace: Workspace, **writers: Writer) -> dict[str, int]:
    queue_writes(workspace, ADMINISTRATOR)
    found = write_due(workspace, writers)
    return {name: getattr(found, name) for name in ("done", "skipped", "failed", "put_off")}


def count(workspace: Workspace) -> int:
    return list(matches(workspace).values()).count("match")


def test_attributes_are_put_looked_at_and_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x")
    try:
        os.setxattr(file, "user.other", b"kept")
    except OSError:
        pytest.skip("this file system keeps no extended attributes")
    before = file.stat().st_mtime_ns
    place, writer = replace(PLACE, url=str(tmp_path)), Attributes()
    assert writer.look(place) is None
    for _ in range(2):
        writer.put(place, "Contract", "key")
    assert writer.look(place) == "Contract"
    assert os.getxattr(file, "user.cultivar.label.retention") == b"Contract"
    for _ in range(2):
        writer.take(place, "Contract", "key")
    assert os.listxattr(file) == ["user.other"]
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "change",
    [{"path": "gone.txt"}, {"whole": False}, {"path": "../out.txt"}, {"url": "memory://x"}],
)
def test_where_no_attribute_can_be_written_it_is_skipped(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_text("x")
    with pytest.raises(CannotWrite):
        Attributes().put(replace(replace(PLACE, url=str(tmp_path / "in")), **change), "x", "key")


def test_tags_of_others_are_kept(s3_url: str) -> None:
    import fsspec

    store, root = fsspec.core.url_to_fs(s3_url)
    store.pipe_file(f"{root}/a.txt", b"x")
    store.put_tags(f"{root}/a.txt", {"team": "legal"})
    place, writer = replace(PLACE, url=s3_url), Tags()
    assert writer.look(place) is None
    writer.put(place, "Contract, 10 years", "key")
    assert writer.look(place) == writer.form("Contract, 10 years") == "Contract_ 10 years"
    assert store.get_tags(f"{root}/a.txt")["team"] == "legal"
    writer.take(place, "Contract, 10 years", "key")
    assert store.get_tags(f"{root}/a.txt") == {"team": "legal"}
    store.pipe_file(f"{root}/b.txt", b"x")
    alone = replace(place, path="b.txt")
    for _ in range(2):
        writer.put(alone, "Contract", "key")
    for _ in range(2):
        writer.take(alone, "Contract", "key")
    assert store.get_tags(f"{root}/b.txt") == {}
    with pytest.raises(CannotWrite):
        writer.put(replace(place, path="gone.txt"), "x", "key")


def test_graph_sets_and_removes_the_retention_label(service: Service, address: str) -> None:
    writer = Graph(address, "secret")
    place = replace(PLACE, drive="b!1", path="legal/a b.txt")
    writer.put(place, "Contract", "key")
    assert writer.look(place) == "Contract"
    assert list(service.labels) == ["/drives/b%211/root:/legal/a%20b.txt:/retentionLabel"]
    assert service.calls[0][2]["Authorization"] == "Bearer secret"
    writer.take(place, "Contract", "key")
    assert service.labels == {}
    with pytest.raises(CannotWrite):
        writer.put(PLACE, "Contract", "key")


def test_graph_says_when_to_try_again_and_when_never(service: Service, address: str) -> None:
    writer, place = Graph(address, "secret"), replace(PLACE, drive="b!1")
    service.answers = [(429, {"Retry-After": "77"}), (503, {}), (404, {}), (403, {})]
    with pytest.raises(RetryLater) as later:
        writer.put(place, "x", "key")
    assert later.value.after == timedelta(seconds=77)
    with pytest.raises(RetryLater):
        writer.put(place, "x", "key")
    for state in ("skipped", "failed"):
        with pytest.raises(CannotWrite) as never:
            writer.put(place, "x", "key")
        assert never.value.state == state


def test_a_webhook_is_signed_dated_and_carries_its_key(service: Service, address: str) -> None:
    Webhook(address, "secret").put(PLACE, "Contract", "the-key")
    ((method, _, headers, body),) = service.calls
    signed = signature(b"secret", headers["X-Cultivar-Timestamp"], body)
    assert method == "POST"
    assert headers["X-Cultivar-Signature"] == f"sha256={signed}"
    assert headers["Idempotency-Key"] == "the-key"
    assert json.loads(body)["event"] == "label set"


def test_nothing_is_written_unless_a_policy_asks_for_it(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace)
    apply(workspace)
    assert write(workspace, webhook=Webhook(address, "s"))["done"] == 0
    assert service.calls == []


def test_each_label_is_told_once_and_undo_tells_it_gone(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    writer = Webhook(address, "s")
    assert write(workspace, webhook=writer)["done"] == count(workspace)
    assert write(workspace, webhook=writer)["done"] == 0
    assert len({call[2]["Idempotency-Key"] for call in service.calls}) == count(workspace)
    undo(workspace, policy="keep-contracts")
    assert write(workspace, webhook=writer)["done"] == count(workspace)
    events = [json.loads(call[3])["event"] for call in service.calls]
    assert events.count("label set") == events.count("label removed") == count(workspace)


def test_undo_removes_what_was_written_and_leaves_what_others_set(
    workspace: Workspace, service: Service, address: str
) -> None:
    name_drive(workspace, ADMINISTRATOR, "intranet", "b!1")
    first, second, *_ = sorted(
        path for path, found in matches(workspace).items() if found == "match"
    )
    theirs = f"/drives/b%211/root:/{first}:/retentionLabel"
    service.labels[theirs] = "Contract, 10 years"
    make(workspace, "graph")
    apply(workspace)
    found = write(workspace, graph=Graph(address, "t"))
    assert (found["skipped"], found["done"]) == (1, count(workspace) - 1)
    changed = f"/drives/b%211/root:/{second}:/retentionLabel"
    service.labels[changed] = "Set by hand since"
    undo(workspace, policy="keep-contracts")
    write(workspace, graph=Graph(address, "t"))
    assert service.labels == {theirs: "Contract, 10 years", changed: "Set by hand since"}


def test_what_was_refused_is_told_with_its_reason_and_can_be_tried_again(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    writer = Webhook(address, "s")
    service.answers = [(403, {})]
    assert write(workspace, webhook=writer)["failed"] == 1
    standing = write_status(workspace, ADMINISTRATOR)
    assert [(each.state, each.writes) for each in standing] == [
        ("done", count(workspace) - 1),
        ("failed", 1),
    ]
    assert standing[1].reason
    with pytest.raises(NotPermitted):
        retry_writes(workspace, "robin")
    assert retry_writes(workspace, ADMINISTRATOR) == 1
    assert write(workspace, webhook=writer)["done"] == 1
    assert retry_writes(workspace, ADMINISTRATOR) == 0


def on_a_drive(workspace: Workspace, address: str) -> Graph:
    """Apply a policy whose labels Graph is to set."""
    name_drive(workspace, ADMINISTRATOR, "intranet", "b!1")
    make(workspace, "graph")
    apply(workspace)
    return Graph(address, "t")


def test_what_undo_could_not_remove_is_removed_when_tried_again(
    workspace: Workspace, service: Service, address: str
) -> None:
    writer = on_a_drive(workspace, address)
    write(workspace, graph=writer)
    undo(workspace, policy="keep-contracts")
    service.answers = [(403, {})]
    assert write(workspace, graph=writer)["failed"] == 1
    assert len(service.labels) == 1
    assert retry_writes(workspace, ADMINISTRATOR) == 1
    write(workspace, graph=writer)
    assert service.labels == {}


def test_what_was_refused_and_undone_since_is_not_tried_again(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    writer = Webhook(address, "s")
    service.answers = [(403, {})] * count(workspace)
    assert write(workspace, webhook=writer)["failed"] == count(workspace)
    undo(workspace, policy="keep-contracts")
    write(workspace, webhook=writer)
    service.calls.clear()
    assert retry_writes(workspace, ADMINISTRATOR) == 0
    write(workspace, webhook=writer)
    assert service.calls == []
    states = {each.state for each in write_status(workspace, ADMINISTRATOR)}
    assert "failed" not in states


def test_what_somebody_sets_between_two_attempts_stays(
    workspace: Workspace, service: Service, address: str
) -> None:
    writer = on_a_drive(workspace, address)
    # the first item is looked at, and then cannot be labelled
    service.answers = [(200, {}), (503, {})]
    assert write(workspace, graph=writer)["put_off"] == 1
    address_of = service.calls[0][1]
    service.labels[address_of] = "Set by hand since"
    later = replace(workspace, clock=lambda: now() + timedelta(minutes=1))
    assert write(later, graph=writer)["skipped"] == 1
    assert service.labels[address_of] == "Set by hand since"


def test_a_label_is_written_again_where_the_content_was_replaced(
    stable: Organisation, service: Service, address: str
) -> None:
    """A store may keep its labels with the content, and lose them with it."""
    publish_and_label(stable)
    workspace, writer = stable.workspace, Webhook(address, "s")
    make(workspace, "webhook")
    make(workspace, kind="sensitivity label", name="Secret")
    apply(workspace)
    write(workspace, webhook=writer)
    path = sorted(each for each, found in matches(workspace).items() if found == "match")[0]
    kept = [
        replace(each, text=f"{each.text} contract") if each.path == path else each
        for each in CONTENT
    ]
    stable.add("intranet", kept)
    label(workspace)
    assert apply(workspace).counts["renewed"] == 1
    service.calls.clear()
    assert write(workspace, webhook=writer)["done"] == 1
    [told] = [json.loads(body) for _, _, _, body in service.calls]
    assert (told["path"], told["event"]) == (path, "label set")


def test_what_does_not_work_is_put_off_and_done_later(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    writer = Webhook(address, "s")
    service.answers = [(429, {"Retry-After": "600"})]
    found = write(workspace, webhook=writer)
    assert (found["put_off"], found["done"]) == (1, count(workspace) - 1)
    assert write(workspace, webhook=writer)["done"] == 0
    later = replace(workspace, clock=lambda: now() + timedelta(seconds=601))
    assert write(later, webhook=writer)["done"] == 1


def test_one_pass_tries_each_write_once_however_long_it_takes(
    workspace: Workspace, service: Service, address: str
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    service.answers = [(503, {})] * (20 * count(workspace))
    moments = iter(now() + timedelta(hours=hour) for hour in range(100_000))
    slow = replace(workspace, clock=lambda: next(moments))
    queue_writes(workspace, ADMINISTRATOR)
    assert write_due(slow, {"webhook": Webhook(address, "s")}).put_off == count(workspace)
    assert len(service.calls) == count(workspace)


def test_a_crash_between_writing_and_record_repeats_the_same_key_and_is_undone(
    workspace: Workspace,
    service: Service,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name_drive(workspace, ADMINISTRATOR, "intranet", "b!1")
    make(workspace, "graph")
    apply(workspace)
    writer = Graph(address, "t")
    with monkeypatch.context() as patch:
        patch.setattr(
            "cultivar.operations.policies.delivery._end",
            lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()),
        )
        with pytest.raises(KeyboardInterrupt):
            write(workspace, graph=writer)
    assert len(service.labels) == 1
    found = write(workspace, graph=writer)
    assert (found["done"], found["skipped"]) == (count(workspace), 0)
    undo(workspace, policy="keep-contracts")
    write(workspace, graph=writer)
    assert service.labels == {}


def test_a_crash_while_queueing_queues_no_change_twice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(workspace, "webhook")
    apply(workspace)
    monkeypatch.setattr("cultivar.operations.policies.write_queue.ROWS_A_STEP", 5)
    steps = iter([None, KeyboardInterrupt()])
    from cultivar.operations.policies import write_queue

    genuine = write_queue._writes

    def crashing(*arguments: Any) -> Any:
        error = next(steps, None)
        if error is not None:
            raise error
        return genuine(*arguments)

    monkeypatch.setattr(write_queue, "_writes", crashing)
    with pytest.raises(KeyboardInterrupt):
        queue_writes(workspace, ADMINISTRATOR)
    queue_writes(workspace, ADMINISTRATOR)
    with workspace.registry.reading() as session:
        items = [row.item_id for row in session.query(WriteRow)]
    assert len(items) == len(set(items)) == count(workspace)
