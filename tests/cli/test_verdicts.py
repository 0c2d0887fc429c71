"""Lists of what is to be reviewed, filled in and sent back as a file: taken whole, or refused."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cultivar.operations.review.lists import review_items
from cultivar.operations.review.verdicts import review_state
from cultivar.store.tables import AuditRow, BatchRow, ReviewItemRow, ReviewRow, VersionRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Answer, Command
from tests.operations.organisation import Organisation
from tests.orchestration import Orchestrator

NAME = "contracts"
TELLING = ("positive", "negative", "Documents")


def filled(listed: Path, answers: Mapping[str, str]) -> Path:
    """Fill in the column ``relevant`` of a list as a spreadsheet writes it: with semicolons."""
    with listed.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    file = listed.with_name("filled.csv")
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.DictWriter(text, rows[0], delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(row | {"relevant": answers.get(row["item_id"], "")} for row in rows)
    return file


def truths(workspace: Workspace) -> dict[str, str]:
    """Return item id → whether it is a contract, as its folder declares."""
    items = review_items(workspace, "alex", NAME)
    return {
        each.named.item_id: "yes" if "/positive/" in f"/{each.named.path}" else "no"
        for each in items
    }


def send(cultivar: Command, file: Path, *options: str) -> Answer:
    return cultivar("review", NAME, "--verdicts", str(file), "--json", *options)


def kept(workspace: Workspace) -> dict[str, str]:
    with workspace.registry.reading() as session:
        return {row.item_id: row.verdict for row in session.query(ReviewRow)}


@pytest.mark.requirement("TC-52", "TC-54")
def test_a_list_is_written_filled_in_in_part_and_taken_and_says_what_it_did(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    written = cultivar("review", NAME, "--csv", str(file))
    assert written.code == 0, written.err
    assert f"30 items written to {file}" in written.out
    assert f"Next: cultivar review {NAME} --verdicts {file}" in written.out
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0]) == ["item_id", "name", "prediction", "score", "relevant"]
    assert {row["relevant"] for row in rows} == {""}
    assert not any(telling in file.read_text() for telling in TELLING)

    true = truths(reviewable)
    answers = {row["item_id"]: true[row["item_id"]] for row in rows[:27]}
    answers[rows[27]["item_id"]] = "not sure"
    refused = send(cultivar, filled(file, answers))
    assert refused.error == "empty-verdict"
    assert "Lines 30 and 31 have no answer" in refused.json["error"]["message"]
    assert kept(reviewable) == {}
    given = str(filled(file, answers))
    taken = cultivar("review", NAME, "--verdicts", given, "--skip-empty")
    yes = sum(answer == "yes" for answer in answers.values())
    assert (
        f"28 verdicts taken (relevant: {yes} yes, {27 - yes} no, 1 not sure); 2 items of the open "
        "batch have no verdict; 2 lines have no answer." in taken.out
    )
    state = review_state(reviewable, "alex", NAME)
    assert (state.reviewed, state.unanswered, state.accuracy) == (28, 2, None)
    assert len(cultivar("review", NAME, "--list", "--json").json["items"]) == 2
    # what was said stands in the file; a corrected answer in the open batch replaces it
    again_written = tmp_path / "again.csv"
    cultivar("review", NAME, "--csv", str(again_written))
    with again_written.open(encoding="utf-8-sig", newline="") as text:
        listed = list(csv.DictReader(text))
    assert {row["item_id"]: row["relevant"] for row in listed} == {
        row["item_id"]: answers.get(row["item_id"], "") for row in rows
    }
    answers[rows[0]["item_id"]] = "not sure"
    shown = " ".join(cultivar("status", NAME).out.split())
    assert re.search(r"Review items\W+28\W", shown)
    told = cultivar("review", NAME, "--verdicts", str(filled(file, answers)), "--skip-empty").out
    assert "1 of them changes what the open batch said before" in " ".join(told.split())
    again = send(cultivar, filled(file, answers), "--skip-empty").json["verdicts"]
    assert (again["taken"], again["standing_already"], again["unanswered"]) == (0, 28, 2)
    assert kept(reviewable)[rows[0]["item_id"]] == "not sure"
    answers |= {row["item_id"]: true[row["item_id"]] for row in rows[28:]}
    whole = cultivar("review", NAME, "--verdicts", str(filled(file, answers))).out
    assert "the next batch holds 30 items" in " ".join(whole.split())


def test_a_file_with_one_bad_line_gives_nothing(cultivar: Command, reviewable: Workspace) -> None:
    cultivar("review", NAME, "--list")
    ids = [each.named.item_id for each in review_items(reviewable, "alex", NAME)]
    for text, code, says in (
        ("item_id,verdict\n{0},yes\n", "ambiguous-column", "prediction_right"),
        ("item_id,relevant\n{0},yes\n{1},perhaps\n", "unknown-verdict", "Line 3"),
        ("item_id,relevant\n{0},yes\n{0},no\n", "conflicting-verdicts", "Lines 2 and 3"),
        ("item_id,relevant\n{0},yes\n{0},yes\n", "judged-twice", "Lines 2 and 3"),
        ("item_id,relevant\n{0},yes\nffffffffffff,no\n", "not-tested", "Line 3"),
        ("item_id,prediction_right\n{0},yes\n{30},no\n", "not-presented", "Line 3"),
        ("path,relevant\n05000.txt,yes\n", "ambiguous-item", "Line 2"),
    ):
        typed = text.format(*ids)
        answer = cultivar("review", NAME, "--verdicts", "-", "--json", typed=typed)
        assert (answer.code, answer.error) == (1, code)
        assert says in answer.json["error"]["message"]
    assert kept(reviewable) == {}


@pytest.mark.parametrize("data", ["item_id,relevant\nä,yes\n".encode("latin-1"), b"\xff\xfei\x00"])
def test_a_file_in_another_encoding_is_refused_with_what_to_do(
    cultivar: Command, reviewable: Workspace, tmp_path: Path, data: bytes
) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_bytes(data)
    answer = send(cultivar, file)
    assert answer.error == "bad-verdicts"
    assert "CSV UTF-8" in answer.json["error"]["message"]


def test_what_is_relevant_becomes_a_verdict_on_what_was_predicted_and_paths_are_found(
    cultivar: Command, reviewable: Workspace
) -> None:
    cultivar("review", NAME, "--list")
    presented = [each for each in review_items(reviewable, "alex", NAME) if each.open]
    true = truths(reviewable)
    right = {
        each.named.item_id: "yes"
        if (each.prediction == "match") == (true[each.named.item_id] == "yes")
        else "no"
        for each in presented
    }
    first, second, third = presented[:3]
    text = f"path,relevant\n{first.named.shown},{true[first.named.item_id]}\n"
    text += f"{second.named.path},{true[second.named.item_id]}\n"
    taken = cultivar("review", NAME, "--verdicts", "-", "--json", typed=text)
    assert taken.json["given"] == 2, taken.out
    text = f"item_id,prediction_right\n{third.named.item_id},no\n"
    assert cultivar("review", NAME, "--verdicts", "-", "--json", typed=text).json["given"] == 1
    assert kept(reviewable) == {
        first.named.item_id: right[first.named.item_id],
        second.named.item_id: right[second.named.item_id],
        third.named.item_id: "no",
    }


@pytest.mark.requirement("TC-54", "TC-55")
def test_a_corrected_file_is_not_swallowed_once_its_batch_is_closed(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    made = Organisation(reviewable)
    made.review_batch(NAME)
    made.settle(NAME)
    file = tmp_path / "all.csv"
    assert cultivar("review", NAME, "--csv", str(file), "--all").code == 0
    with file.open(encoding="utf-8-sig", newline="") as text:
        left = [row["item_id"] for row in csv.DictReader(text)]
    assert len(left) == 210
    closed = [each for each in review_items(reviewable, "alex", NAME) if each.closed]
    same = "".join(f"{each.named.item_id},{each.relevant}\n" for each in closed)
    repeated = cultivar("review", NAME, "--verdicts", "-", typed=f"item_id,relevant\n{same}")
    assert repeated.code == 0
    assert "0 verdicts taken; 30 items of the open batch have no verdict; 30 lines say what" in (
        repeated.out
    )
    changed = "no" if closed[0].relevant == "yes" else "yes"
    mixed = f"item_id,relevant\n{left[0]},yes\n{closed[0].named.item_id},{changed}\n"
    refused = cultivar("review", NAME, "--verdicts", "-", "--json", typed=mixed)
    assert (refused.code, refused.error) == (1, "already-reviewed")
    sentence = refused.json["error"]["message"]
    assert f"line 3 says {changed}, batch 1 has {closed[0].relevant}" in sentence
    assert '--correct "REASON"' in sentence
    assert len(kept(reviewable)) == 30


@pytest.mark.slow
@pytest.mark.requirement("TC-54", "TC-55")
def test_verdicts_that_were_the_wrong_way_round_are_corrected_on_record_and_learned_again(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    made = Organisation(reviewable)
    made.review_batch(NAME)
    made.settle(NAME)
    closed = [each for each in review_items(reviewable, "alex", NAME) if each.closed]
    before = review_state(reviewable, "alex", NAME)
    other = {"yes": "no", "no": "yes", "not sure": "yes"}
    lines = [f"{each.named.item_id},{other[each.relevant or 'yes']}\n" for each in closed[:10]]
    lines += [f"{each.named.item_id},{each.relevant}\n" for each in closed[10:]]
    file = tmp_path / "corrected.csv"
    file.write_text(f"item_id,relevant\n{''.join(lines)}")

    short = send(cultivar, file, "--correct", "wrong")
    assert (short.code, short.error) == (1, "no-reason")
    alone = cultivar("review", NAME, "--correct", "The list was filled in the wrong way.")
    assert alone.code == 2
    assert review_state(reviewable, "alex", NAME) == before

    reason = "Filled in the wrong way round."
    taken = send(cultivar, file, "--correct", reason).json
    assert (taken["verdicts"]["corrected"], taken["verdicts"]["standing_already"]) == (10, 20)
    after = review_state(reviewable, "alex", NAME)
    assert after.decided == before.decided
    point, corrected = before.points[-1], after.points[-1]
    assert (corrected.decided, corrected.agreed) != (point.decided, point.agreed)
    assert not after.learning
    with reviewable.registry.reading() as session:
        rows = session.query(AuditRow).filter_by(action="verdict corrected").all()
        assert len(rows) == 10
        assert {row.details["reason"] for row in rows} == {reason}
        assert all(row.details["before"] != row.details["verdict"] for row in rows)
        assert session.query(BatchRow).filter_by(number=1).one().agreed == corrected.agreed
        versions = [row.reason for row in session.query(VersionRow).order_by(VersionRow.number)]
    assert versions[-1] == "review"
    again = send(cultivar, file, "--correct", reason).json["verdicts"]
    assert (again["corrected"], again["standing_already"]) == (0, 30)


def test_the_list_tells_no_folder_and_is_empty_when_all_is_reviewed(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    shown = cultivar("review", NAME, "--list")
    assert "30 items to review." in shown.out
    everything = cultivar("review", NAME, "--list", "--all")
    assert "240 items to review." in everything.out
    for answer in (shown, everything, cultivar("review", NAME, "--list", "--all", "--json")):
        assert not any(telling in answer.out for telling in TELLING)
    _close_all(reviewable)
    for options in (("--list",), ("--list", "--all"), ("--csv", str(tmp_path / "none.csv"))):
        answer = cultivar("review", NAME, *options, "--json")
        assert (answer.code, answer.json["items"]) == (0, [])
    assert (tmp_path / "none.csv").read_bytes() == (
        b"\xef\xbb\xbfitem_id,name,prediction,score,relevant\r\n"
    )
    assert "No item is left to review." in cultivar("review", NAME, "--list").out


def _close_all(workspace: Workspace) -> None:
    """Let every item stand in the first batch, and close that."""
    with workspace.registry.transaction() as session:
        [batch] = session.query(BatchRow)
        batch.closed_at = workspace.clock()
        for item in session.query(ReviewItemRow):
            item.batch = batch.number


def test_listing_and_giving_exclude_each_other(cultivar: Command, reviewable: Workspace) -> None:
    assert cultivar("review", NAME, "--list", "--verdicts", "-").code == 2


@pytest.mark.slow
def test_the_top_of_the_content_is_judged_by_keys_and_from_a_file(
    cultivar: Command, reviewable: Workspace, orchestrator: Orchestrator, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PREFECT_API_URL", orchestrator.api_url)
    content = ("review", NAME, "--from", "content")
    file = tmp_path / "content.csv"
    written = cultivar(*content, "--csv", str(file))
    assert written.code == 0, written.err
    assert f"Next: cultivar review {NAME} --from content --verdicts {file}" in written.out
    left = cultivar(*content, "--json", typed="y\nm\nu\nn\nq\n")
    assert left.code == 0, left.err
    assert (left.json["given"], left.json["content"]["unanswered"]) == (2, 28)
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    answers = {row["item_id"]: "yes" if "/legal/" in row["path"] else "no" for row in rows}
    taken = cultivar(*content, "--verdicts", str(filled(file, answers)))
    assert taken.code == 0, taken.err
    assert "From the content: 30 verdicts teach." in taken.out
    assert review_state(reviewable, "alex", NAME).reviewed == 0
    # it was learned from, so that the next batch is there at once
    others = cultivar(*content, "--list", "--json").json["items"]
    assert len(others) == 30
    assert {row["item_id"] for row in others}.isdisjoint(answers)
    one = next(iter(answers))
    changed = filled(file, {one: "no"})
    refused = cultivar(*content, "--verdicts", str(changed), "--skip-empty", "--json")
    assert refused.error == "already-reviewed"
