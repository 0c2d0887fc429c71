"""What a store sweep removes, and that whatever could be asked before is answered as before."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cultivar.core.errors import CultivarError, NotFound
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Role
from cultivar.operations.artifacts.catalogue import list_artifacts
from cultivar.operations.artifacts.crawl_names import names_in_crawl
from cultivar.operations.artifacts.sweeping import (
    StoreSwept,
    plan_sweep,
    sweep_store,
)
from cultivar.operations.artifacts.usage import store_usage
from cultivar.operations.audit.audit import AuditEntry, Wanted, audit_entries
from cultivar.operations.audit.verification import verify, verify_everything
from cultivar.operations.backups.backups import SUBJECT, create_backup
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.item_history import item_on
from cultivar.operations.runs import claim
from cultivar.operations.tenant.people import grant_role
from cultivar.store.files import HashedFile, LocalFiles
from cultivar.store.lineage import lineage
from cultivar.store.tables import ArtifactRow, FeedbackRow
from cultivar.store.workspace import Workspace
from tests.operations.artifacts.nights import DAY, Nights, answers
from tests.operations.mail import give, label, later, listed
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
)

GRACE = 15 * DAY


def crawled(organisation: Organisation, found: Sequence[Document]) -> ArtifactReference:
    """Give the mail location the items of another crawl, and label them."""
    rows = items_table("mail", found)
    workload = pa.array(["exchange"] * len(rows), pa.string())
    at = rows.column_names.index("workload")
    rows = rows.set_column(at, rows.schema.field(at), workload)
    items = organisation.workspace.artifacts.write("items", rows, producer="crawl")
    record_crawl(organisation.workspace, "mail", items, {"found": items.rows})
    label(organisation.workspace)
    return items


def swept_later(organisation: Organisation) -> StoreSwept:
    """Note what is unneeded, and sweep once the grace period is over."""
    sweep_store(organisation.workspace, ADMINISTRATOR)
    return sweep_store(later(organisation, GRACE).workspace, ADMINISTRATOR)


def newest_items(workspace: Workspace, location: str = "mail") -> ArtifactReference:
    [found] = [
        each
        for each in list_artifacts(workspace, ADMINISTRATOR, "items")
        if each.newest and location in each.about
    ]
    return workspace.artifacts.reference(found.sha256)


@pytest.mark.slow
def test_twenty_nights_are_answered_for_after_a_sweep_as_before_it(used: Organisation) -> None:
    nights = Nights(used)
    nights.begin(contracts=80, others=60)
    for night in range(1, 21):
        nights.pass_to_next()
        nights.happens(night)
    nights.organisation = later(nights.organisation, timedelta(hours=2))
    assert sweep_store(nights.workspace, ADMINISTRATOR).total.files == 0
    nights.organisation = later(nights.organisation, GRACE)
    items = sorted(nights.touched)[::4] + sorted(nights.ever - nights.touched)[:2]
    moments = nights.moments[::5]
    before = answers(nights, items, moments)
    assert "unknown-item" in before.values()

    swept = sweep_store(nights.workspace, ADMINISTRATOR)

    assert swept.removed["items"].files >= 18
    after = answers(nights, items, moments)
    assert [key for key in before if before[key] != after[key]] == []
    verify_everything(nights.workspace, ADMINISTRATOR).require()
    assert verify(nights.workspace, ADMINISTRATOR, "contracts").identical
    # each location's newest crawl, the seeds' and the test's; and the rows that were judged
    [items_left] = [
        each for each in store_usage(nights.workspace, ADMINISTRATOR).kinds if each.kind == "items"
    ]
    assert (items_left.live.files, items_left.evidence.files) == (4, 2)
    assert items_left.evidence.size < items_left.live.size / 4


def test_a_deleted_item_is_found_through_any_number_of_swept_crawls(used: Organisation) -> None:
    first, on = newest_items(used.workspace), used.workspace.clock()
    found = documents(CONTRACT, 12, "inbox", 20_000)
    kept = [first, *(crawled(later(used, n * DAY), found[n:]) for n in range(1, 6))]
    back = later(used, 7 * DAY)
    # what had gone is there again, beside something new
    crawled(back, [*found[1:], *documents(CONTRACT, 1, "inbox", 21_000)])
    held = {each.sha256: set(_paths(back.workspace, each.sha256)) for each in kept}
    swept = swept_later(back)
    assert swept.removed["items"].files == len(kept)
    for sha256, paths in held.items():
        with pytest.raises(NotFound) as caught:
            back.workspace.artifacts.reference(sha256)
        assert caught.value.code == "artifact-swept"
        again = _paths(back.workspace, sha256)
        assert len(again) == len(set(again))
        assert set(again) == paths
    on_first = item_on(back.workspace, ADMINISTRATOR, "inbox/20000.txt", on)
    assert on_first.location == "mail"


def _paths(workspace: Workspace, sha256: str) -> list[str]:
    return [
        path for batch in names_in_crawl(workspace, sha256) for path in batch["path"].to_pylist()
    ]


def test_nothing_goes_before_its_grace_period_and_a_plan_changes_nothing(
    used: Organisation,
) -> None:
    crawled(used, documents(CONTRACT, 10, "inbox", 20_000))
    workspace = used.workspace
    plan = plan_sweep(workspace, ADMINISTRATOR)
    assert (plan.unneeded["items"].files, plan.total_due.files, plan.noted) == (1, 0, False)
    assert sweep_store(workspace, ADMINISTRATOR).total.files == 0
    early = later(used, 13 * DAY)
    plan = plan_sweep(early.workspace, ADMINISTRATOR)
    assert plan.noted
    assert plan.next_at is not None
    assert plan.next_at - early.workspace.clock() < 2 * DAY
    assert sweep_store(early.workspace, ADMINISTRATOR).total.files == 0
    due = later(used, GRACE)
    assert plan_sweep(due.workspace, ADMINISTRATOR).due["items"].files == 1
    assert plan_sweep(due.workspace, ADMINISTRATOR, ["labels"]).total_due.files == 0
    assert sweep_store(due.workspace, ADMINISTRATOR, ["labels"]).total.files == 0
    assert sweep_store(due.workspace, ADMINISTRATOR, only_note=True).waiting.files == 1
    [audited] = _swept_rows(due, lambda: sweep_store(due.workspace, ADMINISTRATOR, ["items"]))
    assert (audited.details["files"], audited.details["kinds"]) == (1, {"items": 1})
    assert store_usage(due.workspace, ADMINISTRATOR).swept == 1
    assert sweep_store(due.workspace, ADMINISTRATOR).total.files == 0


def _swept_rows(organisation: Organisation, sweep: Callable[[], object]) -> list[AuditEntry]:
    sweep()
    return list(audit_entries(organisation.workspace, ADMINISTRATOR, Wanted(action="store swept")))


def test_what_is_needed_again_is_noted_anew(used: Organisation) -> None:
    first = newest_items(used.workspace)
    few = documents(CONTRACT, 10, "inbox", 20_000)
    crawled(used, few)
    sweep_store(used.workspace, ADMINISTRATOR)
    rows = used.workspace.artifacts.read(first)
    weeks_on = later(used, GRACE)
    again = weeks_on.workspace.artifacts.write("items", rows, producer="crawl")
    assert again == first
    assert sweep_store(weeks_on.workspace, ADMINISTRATOR).total.files == 0
    assert weeks_on.workspace.artifacts.read(first).num_rows == first.rows


def test_the_rows_that_people_judged_outlive_their_crawl(used: Organisation) -> None:
    judged = listed(used)[:5]
    give(used, judged)
    first = newest_items(used.workspace)
    texts = {
        row["item_id"]: row["text"] for row in used.workspace.artifacts.read(first).to_pylist()
    }
    crawled(later(used, DAY), documents(CONTRACT, 10, "inbox", 20_010))
    assert swept_later(later(used, 2 * DAY)).removed["items"].files == 1
    with used.workspace.registry.reading() as session:
        [kept] = {row.items_sha256 for row in session.query(FeedbackRow)}
    assert kept != first.sha256
    rows = used.workspace.artifacts.read(used.workspace.artifacts.reference(kept)).to_pylist()
    assert {row["item_id"]: row["text"] for row in rows} == {
        each.item_id: texts[each.item_id] for each in judged
    }
    assert swept_later(later(used, 30 * DAY)).total.files == 0


def test_a_swept_crawl_is_no_damage_to_the_proof_of_an_earlier_version(used: Organisation) -> None:
    workspace = used.workspace
    [model] = [each for each in list_artifacts(workspace, ADMINISTRATOR, "model") if each.newest]
    behind = lineage(workspace.artifacts, workspace.artifacts.reference(model.sha256))
    assert swept_later(used).total.files == 0 or behind.whole
    assert verify(workspace, ADMINISTRATOR, "contracts").identical


class _Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("at", range(1, 8))
def test_a_sweep_killed_anywhere_leaves_a_whole_home_and_is_finished_by_the_next(
    used: Organisation, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(used, listed(used)[:5])
    first, on = newest_items(used.workspace), used.workspace.clock()
    crawled(later(used, DAY), documents(CONTRACT, 10, "inbox", 20_010))
    sweep_store(used.workspace, ADMINISTRATOR)
    due = later(used, GRACE)
    before = item_on(due.workspace, ADMINISTRATOR, "inbox/20000.txt", on)
    _die_at(due.workspace, at, monkeypatch)
    with pytest.raises(_Killed):
        sweep_store(due.workspace, ADMINISTRATOR)
    monkeypatch.undo()
    verify_everything(due.workspace, ADMINISTRATOR).require()
    assert item_on(due.workspace, ADMINISTRATOR, "inbox/20000.txt", on) == before
    after = later(used, GRACE + timedelta(minutes=5))
    sweep_store(after.workspace, ADMINISTRATOR)
    assert not _lies_there(after.workspace, first)
    verify_everything(after.workspace, ADMINISTRATOR).require()
    assert item_on(after.workspace, ADMINISTRATOR, "inbox/20000.txt", on) == before


def _die_at(workspace: Workspace, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end after so many steps, each a transaction or a removal of files."""
    steps = iter(range(1, 1_000))
    registry, files = type(workspace.registry), type(workspace.artifacts.files)

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            if next(steps) >= at + 1:  # the first transaction takes the claim
                raise _Killed
            return act(*given, **named)

        return step

    monkeypatch.setattr(registry, "transaction", dying(registry.transaction))
    monkeypatch.setattr(files, "remove", dying(files.remove))


def _lies_there(workspace: Workspace, reference: ArtifactReference) -> bool:
    names = [file.name for file in workspace.artifacts.files.listed()]
    return any(reference.sha256 in name for name in names)


def test_whoever_writes_what_is_being_swept_gets_it_back(
    used: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = newest_items(used.workspace)
    rows = used.workspace.artifacts.read(first)
    crawled(later(used, DAY), documents(CONTRACT, 10, "inbox", 20_010))
    sweep_store(used.workspace, ADMINISTRATOR)
    due = later(used, GRACE)
    files = type(due.workspace.artifacts.files)
    publish, passes = files.publish, iter((True,))

    def swept_between(self: LocalFiles, staged: HashedFile, name: str) -> None:
        publish(self, staged, name)
        if first.sha256 in name and next(passes, False):
            sweep_store(due.workspace, ADMINISTRATOR)

    # the writer finds the file whole and publishes nothing; then the sweep takes it away
    whole = type(due.workspace.artifacts)._is_whole

    def found_and_swept(self: object, reference: ArtifactReference) -> bool:
        is_whole = whole(self, reference)  # type: ignore[arg-type]
        if reference.sha256 == first.sha256 and next(passes, False):
            sweep_store(due.workspace, ADMINISTRATOR)
        return is_whole

    monkeypatch.setattr(files, "publish", swept_between)
    monkeypatch.setattr(type(due.workspace.artifacts), "_is_whole", found_and_swept)
    again = due.workspace.artifacts.write("items", rows, producer="crawl")
    assert again.sha256 == first.sha256
    assert due.workspace.artifacts.read(again).num_rows == rows.num_rows
    with due.workspace.registry.reading() as session:
        row = session.get_one(ArtifactRow, first.sha256)
        assert (row.swept_at, row.unneeded_at) == (None, None)
    verify_everything(due.workspace, ADMINISTRATOR).require()


def test_files_on_no_record_go_after_the_grace_period_and_strangers_stay(
    used: Organisation,
) -> None:
    workspace = used.workspace
    with workspace.artifacts.files.staged() as staged:
        staged.write(b"of a writer that was killed")
        workspace.artifacts.files.publish(staged, f"items/ab/ab{'0' * 62}.parquet")
    with workspace.artifacts.files.staged() as staged:
        staged.write(b"somebody else's")
        workspace.artifacts.files.publish(staged, "items/ab/readme.txt")
    assert swept_later(used).strays.files == 1
    names = {file.name for file in workspace.artifacts.files.listed()}
    assert "items/ab/readme.txt" in names
    assert not any(name.endswith(f"{'0' * 62}.parquet") for name in names)


def test_less_than_the_grace_period_waits_for_stages_at_work(used: Organisation) -> None:
    crawled(used, documents(CONTRACT, 10, "inbox", 20_000))
    with (
        claim(used.workspace, "labelling", "tenant:labelling"),
        pytest.raises(CultivarError) as caught,
    ):
        sweep_store(used.workspace, ADMINISTRATOR, older_than=0)
    assert caught.value.code == "stages-at-work"
    assert sweep_store(used.workspace, ADMINISTRATOR, older_than=0).removed["items"].files == 1
    verify_everything(used.workspace, ADMINISTRATOR).require()


def test_nothing_goes_while_a_backup_is_made_and_a_backup_needs_no_swept_file(
    used: Organisation, tmp_path: Path
) -> None:
    crawled(used, documents(CONTRACT, 10, "inbox", 20_000))
    sweep_store(used.workspace, ADMINISTRATOR)
    due = later(used, GRACE)
    with claim(due.workspace, "backup", SUBJECT), pytest.raises(CultivarError) as caught:
        sweep_store(due.workspace, ADMINISTRATOR)
    assert caught.value.code == "already-running"
    assert sweep_store(due.workspace, ADMINISTRATOR).removed["items"].files == 1
    assert not create_backup(due.workspace, ADMINISTRATOR, str(tmp_path / "backups")).warning


def test_who_may_sweep_and_what_is_no_kind(used: Organisation) -> None:
    grant_role(used.workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    plan_sweep(used.workspace, "kim")
    with pytest.raises(CultivarError) as caught:
        sweep_store(used.workspace, "kim")
    assert caught.value.code == "wrong-role"
    with pytest.raises(CultivarError) as caught:
        plan_sweep(used.workspace, "sam")
    assert caught.value.code == "wrong-role"
    with pytest.raises(CultivarError) as caught:
        plan_sweep(used.workspace, ADMINISTRATOR, ["texts"])
    assert caught.value.code == "unknown-kind"


def test_usage_counts_every_file_and_the_rest_of_the_home(used: Organisation) -> None:
    crawled(used, documents(NOISE, 10, "inbox", 20_000))
    (used.workspace.settings.home / "logs").mkdir(parents=True, exist_ok=True)
    (used.workspace.settings.home / "logs" / "debug.log").write_bytes(b"x" * 321)
    usage = store_usage(used.workspace, ADMINISTRATOR)
    lying = list(used.workspace.artifacts.files.listed())
    assert sum(each.total.files for each in usage.kinds) == len(lying)
    assert sum(each.total.size for each in usage.kinds) == sum(file.size for file in lying)
    assert usage.beside["logs"] == 321
    assert usage.beside["registry"] > 10_000
    assert usage.total > sum(usage.beside.values())
