"""The content explorer: who may see what, what it lists and counts, and what leaves it."""

import csv
import io
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cultivar.core.errors import Conflict, CultivarError, InvalidInput, NotFound, NotReady
from cultivar.core.retraining.feedback import NOT_A_MATCH
from cultivar.core.roles import Role
from cultivar.core.texts.safe_text import on_a_line
from cultivar.operations.content.aggregation import aggregate, explorer_folder
from cultivar.operations.content.explorer import (
    TRAINABLE,
    Filters,
    explore,
    explorer_groups,
    folder_counts,
    write_csv,
)
from cultivar.operations.content.explorer_answers import (
    ClassifierEntry,
    FolderCount,
    ItemLabel,
    LabelEntry,
    ListedItem,
)
from cultivar.operations.content.items import open_item
from cultivar.operations.policies.manual_labels import set_label
from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.tenant.people import grant_role
from cultivar.store.explorer import questions as index
from cultivar.store.tables import AuditRow, LabellingRow
from cultivar.store.workspace import Workspace
from tests.operations.mail import add_mail, label
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    Document,
    Organisation,
    documents,
)
from tests.operations.policing import apply

AREA = (
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.COMPLIANCE_DATA_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
)


@pytest.fixture
def explored(used: Organisation) -> Organisation:
    """The organisation with its policy applied to mail and everything aggregated."""
    apply(used.workspace, location="mail")
    aggregate(used.workspace, ADMINISTRATOR)
    return used


def every_row(
    workspace: Workspace, filters: Filters | None = None, **asked: Any
) -> list[ListedItem]:
    """Return all rows, taken in pages of 23."""
    rows: list[ListedItem] = []
    after = None
    while True:
        page = explore(workspace, ADMINISTRATOR, filters, after=after, limit=23, **asked)
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def assigned(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what the labellings list, as their artifacts hold it."""
    with workspace.registry.reading() as session:
        rows = session.query(LabellingRow).all()
    store = workspace.artifacts
    return [
        row
        for each in rows
        for row in store.read(store.reference(each.assignments_sha256)).to_pylist()
    ]


def holder(workspace: Workspace, *roles: Role) -> str:
    person = "holder of " + " and ".join(roles)
    for role in roles:
        grant_role(workspace, ADMINISTRATOR, person, str(role))
    return person


def refusal(call: Callable[[Workspace, str], object], workspace: Workspace, who: str) -> str | None:
    try:
        call(workspace, who)
    except CultivarError as error:
        return error.code
    return None


def opened(workspace: Workspace, who: str) -> object:
    return open_item(workspace, who, "inbox/20000.txt")


def exported(workspace: Workspace, who: str) -> object:
    return write_csv(workspace, who, io.StringIO())


@pytest.mark.requirement("RT-10")
@pytest.mark.parametrize("role", Role)
def test_the_explorer_opens_for_the_roles_of_the_area_alone(
    explored: Organisation, role: Role
) -> None:
    person = holder(explored.workspace, role)
    refused = refusal(explorer_groups, explored.workspace, person)
    assert refused == (None if role in AREA else "wrong-role")


@pytest.mark.requirement("RT-10", "RT-18")
@pytest.mark.parametrize("area", AREA)
def test_lists_and_content_need_a_viewers_role_each_besides(
    explored: Organisation, area: Role
) -> None:
    workspace = explored.workspace
    alone = holder(workspace, area)
    lists = holder(workspace, area, Role.LIST_VIEWER)
    contents = holder(workspace, area, Role.CONTENT_VIEWER)
    for call in (explore, folder_counts, exported):
        assert refusal(call, workspace, alone) == "wrong-role"
        assert refusal(call, workspace, contents) == "wrong-role"
        assert refusal(call, workspace, lists) is None
    assert refusal(opened, workspace, alone) == "wrong-role"
    assert refusal(opened, workspace, lists) == "wrong-role"
    assert refusal(opened, workspace, contents) is None


@pytest.mark.requirement("RT-11")
def test_the_filter_list_has_a_group_with_each_published_classifier(
    explored: Organisation,
) -> None:
    found = explorer_groups(explored.workspace, ADMINISTRATOR)
    groups = {each.group: each.entries for each in found.groups}
    listed = [row["prediction"] for row in assigned(explored.workspace)]
    [entry] = groups[TRAINABLE]
    assert isinstance(entry, ClassifierEntry)
    assert entry.id == "contracts"
    assert entry.matches == listed.count("match")
    assert entry.close_matches == listed.count("close match")
    [labelled] = groups["Retention labels"]
    assert isinstance(labelled, LabelEntry)
    assert labelled.label == "Contract"
    assert found.types == ("text/plain",)


@pytest.mark.requirement("RT-11")
def test_a_classifier_that_is_not_published_is_no_entry(explored: Organisation) -> None:
    explored.create("Other")
    found = explorer_groups(explored.workspace, ADMINISTRATOR)
    [entry] = found.groups[0].entries
    assert isinstance(entry, ClassifierEntry)
    assert entry.id == "contracts"


def test_labels_by_hand_filter_at_once_before_the_next_aggregation(explored: Organisation) -> None:
    workspace = explored.workspace
    rows = every_row(workspace, Filters(location="mail"))
    given, taken = (row for row in rows[:2])
    held = [each.label for each in taken.labels]
    kind = taken.labels[0].kind if held else "retention"
    counted = folder_counts(workspace, ADMINISTRATOR, Filters(labelled=True)).predictions
    set_label(workspace, ADMINISTRATOR, given.item_id, "retention", "Held by hand")
    set_label(workspace, ADMINISTRATOR, taken.item_id, kind, None)
    found = every_row(workspace, Filters(label="Held by hand"))
    assert {row.item_id for row in found} == {given.item_id}
    assert folder_counts(
        workspace, ADMINISTRATOR, Filters(label="Held by hand")
    ).predictions == len(found)
    labelled = {row.item_id for row in every_row(workspace, Filters(labelled=True))}
    bare = {row.item_id for row in every_row(workspace, Filters(labelled=False))}
    assert given.item_id in labelled
    assert taken.item_id in bare
    assert not labelled & bare
    assert all(each.labels for each in every_row(workspace, Filters(labelled=True)))
    assert not any(each.labels for each in every_row(workspace, Filters(labelled=False)))
    for label_ in held:
        assert taken.item_id not in {
            row.item_id for row in every_row(workspace, Filters(label=label_))
        }
    before = [
        folder_counts(workspace, ADMINISTRATOR, each)
        for each in (Filters(labelled=True), Filters(label="Held by hand"))
    ]
    aggregate(workspace, ADMINISTRATOR)
    after = [
        folder_counts(workspace, ADMINISTRATOR, each)
        for each in (Filters(labelled=True), Filters(label="Held by hand"))
    ]
    assert [each.predictions for each in after] == [each.predictions for each in before]
    assert counted > 0


@pytest.mark.requirement("RT-12")
def test_what_is_labelled_later_shows_once_it_is_aggregated_and_until_then_the_list_says_so(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    before = explore(workspace, ADMINISTRATOR)
    assert not before.stale
    add_mail(explored, documents(CONTRACT, 5, "late", 50_000), name="late")
    label(workspace)
    between = explore(workspace, ADMINISTRATOR)
    assert between.stale
    assert between.aggregated_at == before.aggregated_at
    assert not every_row(workspace, Filters(location="late"))
    later = replace(workspace, clock=lambda: workspace.clock() + timedelta(days=8))
    at = aggregate(later, ADMINISTRATOR)
    after = explore(workspace, ADMINISTRATOR)
    assert (after.stale, after.aggregated_at) == (False, at)
    assert at - before.aggregated_at >= timedelta(days=8)
    assert len(every_row(workspace, Filters(location="late"))) == 5


@pytest.mark.requirement("RT-12")
def test_before_anything_was_aggregated_the_refusal_says_how(used: Organisation) -> None:
    with pytest.raises(NotReady, match="explore refresh") as caught:
        explore(used.workspace, ADMINISTRATOR)
    assert caught.value.code == "not-aggregated"


def test_aggregating_what_did_not_change_dates_the_index_and_makes_none(
    explored: Organisation,
) -> None:
    folder = explorer_folder(explored.workspace)
    made = {path.name for path in folder.glob("*.duckdb")}
    first = explore(explored.workspace, ADMINISTRATOR).aggregated_at
    later = replace(explored.workspace, clock=lambda: first + timedelta(hours=1))
    aggregate(later, ADMINISTRATOR)
    assert {path.name for path in folder.glob("*.duckdb")} == made
    assert explore(explored.workspace, ADMINISTRATOR).aggregated_at == first + timedelta(hours=1)
    aggregate(later, ADMINISTRATOR, rebuild=True)
    assert {path.name for path in folder.glob("*.duckdb")} != made


def test_of_many_aggregations_two_files_stay_and_what_killed_ones_left_is_removed(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    folder = explorer_folder(workspace)
    fresh, old = folder / "making-now", folder / "making-long-ago"
    for path in (fresh, old):
        path.mkdir()
    lost = folder / "lost.duckdb"
    lost.write_bytes(b"half")
    for path in (old, lost):
        os.utime(path, (0, 0))
    for _ in range(3):
        aggregate(workspace, ADMINISTRATOR, rebuild=True)
    assert len(list(folder.glob("*.duckdb"))) == 2
    assert fresh.exists()
    assert not old.exists()


def test_two_that_aggregate_at_once_leave_a_whole_index(explored: Organisation) -> None:
    workspace = explored.workspace
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(aggregate, workspace, ADMINISTRATOR, rebuild=True) for _ in range(8)]
        asked = [pool.submit(explore, workspace, ADMINISTRATOR) for _ in range(20)]
    assert all(each.result() for each in made)
    assert len({len(each.result().rows) for each in asked}) == 1


@pytest.mark.requirement("RT-17")
def test_folders_are_counted_where_matches_were_found_and_only_there(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    found = folder_counts(workspace, ADMINISTRATOR, Filters(classifier="contracts"))
    expected: dict[tuple[str, str], int] = {}
    for row in assigned(workspace):
        place = (row["location"], row["folder"])
        expected[place] = expected.get(place, 0) + 1
    counted = {(each.location, each.folder): each.predictions for each in found.folders}
    assert counted == expected
    assert all(counted.values())
    assert found.predictions == sum(expected.values())
    assert found.matches + found.close_matches == found.predictions
    sums = [each.matches + each.close_matches for each in found.folders]
    assert sums == [each.predictions for each in found.folders]


@pytest.mark.requirement("RT-17")
def test_folders_come_in_pages_too(explored: Organisation) -> None:
    workspace = explored.workspace
    whole = folder_counts(workspace, ADMINISTRATOR)
    taken: list[FolderCount] = []
    after = None
    while True:
        part = folder_counts(workspace, ADMINISTRATOR, after=after, limit=1)
        assert part.predictions == whole.predictions
        taken += part.folders
        after = part.next
        if after is None:
            break
    assert tuple(taken) == whole.folders


def test_pages_of_any_order_hold_every_row_once(explored: Organisation) -> None:
    workspace = explored.workspace
    keys: dict[str, Callable[[Any], Any]] = {
        "place": lambda row: (row.location, row.folder.replace("/", "\1"), row.name),
        "close matches first": lambda row: row.prediction == "match",
        "highest score": lambda row: -row.score,
        "lowest score": lambda row: row.score,
        "newest": lambda row: -row.modified_at.timestamp(),
        "oldest": lambda row: row.modified_at,
    }
    expected = sorted((row["item_id"], row["classifier_id"]) for row in assigned(workspace))
    for order, key in keys.items():
        rows = every_row(workspace, order=order)
        assert sorted((row.item_id, row.classifier) for row in rows) == expected, order
        assert [key(row) for row in rows] == sorted(key(row) for row in rows), order


FILTERS: list[tuple[Filters, Callable[[dict[str, Any]], bool]]] = [
    (Filters(classifier="Contracts"), lambda row: row["classifier_id"] == "contracts"),
    (Filters(prediction="match"), lambda row: row["prediction"] == "match"),
    (Filters(prediction="close match"), lambda row: row["prediction"] == "close match"),
    (Filters(workload="exchange"), lambda row: row["workload"] == "exchange"),
    (Filters(location="mail"), lambda row: row["location"] == "mail"),
    (Filters(location="tests"), lambda _: False),
    (
        Filters(folder="inbox"),
        lambda row: row["folder"] == "inbox" or row["folder"].startswith("inbox/"),
    ),
    (Filters(folder="inbox/mixed/"), lambda row: row["folder"] == "inbox/mixed"),
    (Filters(folder="inb"), lambda _: False),
    (Filters(name="2000"), lambda row: "2000" in row["name"]),
    (Filters(name="5.TXT"), lambda row: "5.txt" in row["name"]),
    (Filters(name="%"), lambda _: False),
    (Filters(type="txt"), lambda _: True),
    (Filters(type="text/plain"), lambda _: True),
    (Filters(type="pdf"), lambda _: False),
    (Filters(score_from=0.9), lambda row: row["score"] >= 0.9),
    (Filters(score_from=0.2, score_to=0.9), lambda row: 0.2 <= row["score"] <= 0.9),
    (
        Filters(name="2", location="mail", prediction="match", score_from=0.5),
        lambda row: (
            "2" in row["name"]
            and row["location"] == "mail"
            and row["prediction"] == "match"
            and row["score"] >= 0.5
        ),
    ),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS, ids=range(len(FILTERS)))
def test_filters_show_exactly_what_they_say(
    explored: Organisation, filters: Filters, wanted: Callable[[dict[str, Any]], bool]
) -> None:
    rows = every_row(explored.workspace, filters)
    expected = sorted(row["item_id"] for row in assigned(explored.workspace) if wanted(row))
    assert sorted(row.item_id for row in rows) == expected
    counted = folder_counts(explored.workspace, ADMINISTRATOR, filters)
    assert counted.predictions == len(expected)


def test_dates_are_of_the_last_change_from_the_first_moment_to_before_the_last(
    explored: Organisation,
) -> None:
    dates = sorted(row.modified_at for row in every_row(explored.workspace))
    since, until = dates[3], dates[-3]
    rows = every_row(explored.workspace, Filters(since=since, until=until))
    expected = [date for date in dates if since <= date < until]
    assert sorted(row.modified_at for row in rows) == expected


def test_labels_are_shown_filtered_and_absent_where_nothing_matches(explored: Organisation) -> None:
    workspace = explored.workspace
    labelled = every_row(workspace, Filters(label="Contract"))
    assert labelled
    assert {row.prediction for row in labelled} == {"match"}
    assert labelled == every_row(workspace, Filters(labelled=True))
    [shown] = labelled[0].labels
    assert shown == ItemLabel("retention label", "Contract", by_hand=False)
    assert all(not row.labels for row in every_row(workspace, Filters(labelled=False)))
    with pytest.raises(NotFound) as refused:
        every_row(workspace, Filters(label="Contrct"))
    assert refused.value.code == "unknown-label"
    assert "Did you mean Contract?" in refused.value.sentence


def test_a_persons_label_is_shown_at_once_and_filtered_once_aggregated(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    item = every_row(workspace, Filters(label="Contract"))[0].item_id
    set_label(workspace, ADMINISTRATOR, item, "retention", "Held")
    before = [row for row in every_row(workspace) if row.item_id == item]
    told = ItemLabel("retention label", "Held", by_hand=True)
    assert [row.labels for row in before] == [(told,)]
    assert explore(workspace, ADMINISTRATOR).stale
    aggregate(workspace, ADMINISTRATOR)
    assert [row.item_id for row in every_row(workspace, Filters(label="Held"))] == [item]
    kept = every_row(workspace, Filters(label="Contract"))
    assert item not in {row.item_id for row in kept}


def test_an_item_that_only_a_person_labelled_has_a_row_without_a_classifier(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    listed = {row["item_id"] for row in assigned(workspace)}
    with workspace.registry.reading() as session:
        sha256 = session.query(LabellingRow).filter_by(location="intranet").one().items_sha256
    items = workspace.artifacts.read(workspace.artifacts.reference(sha256), ["item_id", "path"])
    other = next(row for row in items.to_pylist() if row["item_id"] not in listed)
    set_label(workspace, ADMINISTRATOR, other["item_id"], "sensitivity", "Secret")
    aggregate(workspace, ADMINISTRATOR)
    [row] = every_row(workspace, Filters(label="Secret"))
    assert (row.path, row.classifier, row.score) == (other["path"], None, None)
    assert not every_row(workspace, Filters(label="Secret", score_to=1.0))


def test_feedback_that_stands_is_shown_with_the_item(explored: Organisation) -> None:
    workspace = explored.workspace
    item = every_row(workspace, Filters(location="mail"))[0].item_id
    give_feedback(workspace, ADMINISTRATOR, "contracts", [Verdict(item, NOT_A_MATCH)])
    [row] = [row for row in every_row(workspace) if row.item_id == item]
    assert [(each.person, each.verdict) for each in row.feedback] == [(ADMINISTRATOR, NOT_A_MATCH)]


def test_a_page_of_an_earlier_index_is_refused(explored: Organisation) -> None:
    workspace = explored.workspace
    first = explore(workspace, ADMINISTRATOR, limit=3)
    add_mail(explored, documents(CONTRACT, 5, "late", 50_000), name="late")
    label(workspace)
    assert explore(workspace, ADMINISTRATOR, after=first.next, limit=3).rows
    aggregate(workspace, ADMINISTRATOR)
    with pytest.raises(Conflict) as caught:
        explore(workspace, ADMINISTRATOR, after=first.next, limit=3)
    assert caught.value.code == "aggregated-anew"


@pytest.mark.parametrize(
    "cursor", ["x", "", "bnVsbA==", "WzEsMiwzLDRd", "WyJhIiwicGxhY2UiLDEsIngiXQ=="]
)
def test_a_cursor_that_is_none_is_refused(explored: Organisation, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        explore(explored.workspace, ADMINISTRATOR, after=cursor)
    assert caught.value.code == "bad-cursor"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"order": "size; DROP TABLE listed"}, "unknown-order"),
        ({"filters": Filters(prediction="no match")}, "unknown-prediction"),
        ({"filters": Filters(classifier="Nothing")}, "unknown-classifier"),
        ({"filters": Filters(workload="exchnage")}, "unknown-workload"),
        ({"filters": Filters(location="mial")}, "unknown-location"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_code(
    explored: Organisation, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(CultivarError) as caught:
        explore(explored.workspace, ADMINISTRATOR, **asked)
    assert caught.value.code == code


@pytest.mark.requirement("RT-18")
def test_an_opened_item_has_its_text_and_the_opening_is_on_record_first(
    explored: Organisation,
) -> None:
    workspace = explored.workspace
    found = open_item(workspace, ADMINISTRATOR, "inbox/20000.txt")
    assert found.text
    assert found.location == "mail"
    assert open_item(workspace, ADMINISTRATOR, found.item_id[:10]) == found
    with workspace.registry.reading() as session:
        rows = session.query(AuditRow).filter_by(action="content opened").all()
    assert [(row.actor, row.subject) for row in rows] == [
        (ADMINISTRATOR, f"item:{found.item_id}")
    ] * 2


@pytest.mark.requirement("RT-18")
def test_nothing_is_opened_where_the_opening_cannot_be_recorded(
    explored: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cultivar.operations.content import items as opening

    def fail(*_: object) -> None:
        raise AssertionError("read before it was recorded")

    class Full(Exception):
        pass

    def full(*_: object, **__: object) -> None:
        raise Full

    monkeypatch.setattr(opening, "_content", fail)
    monkeypatch.setattr("cultivar.operations.transactions.Transaction.audit", full)
    with pytest.raises(Full):
        open_item(explored.workspace, ADMINISTRATOR, "inbox/20000.txt")


def test_the_csv_holds_every_row_that_is_shown_and_the_export_is_on_record(
    explored: Organisation,
) -> None:
    workspace, file = explored.workspace, io.StringIO(newline="")
    filters = Filters(location="mail", prediction="match")
    rows = every_row(workspace, filters)
    assert write_csv(workspace, ADMINISTRATOR, file, filters) == len(rows)
    file.seek(0)
    found = list(csv.DictReader(file))
    assert [row["item_id"] for row in found] == [row.item_id for row in rows]
    assert [row["path"] for row in found] == [f"mail/{row.path}" for row in rows]
    assert [float(row["score"]) for row in found] == [row.score for row in rows]
    with workspace.registry.reading() as session:
        [told] = session.query(AuditRow).filter_by(action="list exported").all()
    assert told.details["filters"] == {"location": "mail", "prediction": "match"}


@pytest.mark.parametrize("limit", [0, 1, 8])
def test_the_csv_ends_at_its_limit(explored: Organisation, limit: int) -> None:
    file = io.StringIO(newline="")
    assert write_csv(explored.workspace, ADMINISTRATOR, file, limit=limit) == limit


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", '=HYPERLINK("x")']  # noqa: RUF001


def test_no_cell_of_the_csv_begins_as_a_formula(used: Organisation) -> None:
    workspace = used.workspace
    found = [
        replace(each, path=f"{formula}/{formula}{number}.txt")
        for number, (formula, each) in enumerate(
            zip(FORMULAS, documents(CONTRACT, len(FORMULAS), "odd", 60_000), strict=True)
        )
    ]
    add_mail(used, found, name="=odd")
    label(workspace)
    aggregate(workspace, ADMINISTRATOR)
    file = io.StringIO(newline="")
    assert write_csv(workspace, ADMINISTRATOR, file, Filters(location="=odd")) == len(FORMULAS)
    file.seek(0)
    rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("location", "folder", "name"):
            assert row[name].startswith("'"), row[name]
    assert {row["folder"][1:] for row in rows} == {on_a_line(each) for each in FORMULAS}


def test_names_and_folders_are_found_in_whatever_unicode_form(used: Organisation) -> None:
    workspace = used.workspace
    apart = unicodedata.normalize("NFD", "계약/서류 é")
    found = [
        replace(each, path=f"{apart}{number}.txt")
        for number, each in enumerate(documents(CONTRACT, 2, "odd", 60_000))
    ]
    add_mail(used, found, name="mac")
    label(workspace)
    aggregate(workspace, ADMINISTRATOR)
    for form in ("NFC", "NFD"):
        named = unicodedata.normalize(form, "서류 É")
        assert len(explore(workspace, ADMINISTRATOR, Filters(name=named)).rows) == 2
        folder = unicodedata.normalize(form, "계약")
        assert len(explore(workspace, ADMINISTRATOR, Filters(folder=folder)).rows) == 2


def test_a_broken_index_is_told_and_made_again(explored: Organisation) -> None:
    workspace = explored.workspace
    [path] = explorer_folder(workspace).glob("*.duckdb")
    path.write_bytes(b"nothing of the kind" * 1000)
    index._instance.cache_clear()  # as another process sees it
    with pytest.raises(CultivarError) as caught:
        explore(workspace, ADMINISTRATOR)
    assert caught.value.code == "index-damaged"
    aggregate(workspace, ADMINISTRATOR, rebuild=True)
    assert every_row(workspace)


def test_the_index_holds_no_text_of_a_document(explored: Organisation) -> None:
    [path] = explorer_folder(explored.workspace).glob("*.duckdb")
    data = path.read_bytes()
    assert b"indemnity" not in data
    assert b"confidentiality" not in data


def test_what_fits_several_items_is_refused_and_they_are_listed(
    organisation: Organisation,
) -> None:
    organisation.opt_in()
    workspace = organisation.workspace
    for name in ("one", "two"):
        organisation.add(name, [Document("twice.txt", "Twice the same name.")])
    with pytest.raises(InvalidInput) as refusal:
        open_item(workspace, ADMINISTRATOR, "twice.txt")
    assert refusal.value.code == "ambiguous-item"
    assert "(one/twice.txt)" in refusal.value.sentence
    assert "(two/twice.txt)" in refusal.value.sentence
    found = open_item(workspace, ADMINISTRATOR, "twice.txt", location="two")
    assert open_item(workspace, ADMINISTRATOR, found.item_id) == found
