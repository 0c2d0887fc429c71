"""Verdicts from a file: what is understood, what is refused, and what is given."""

from pathlib import Path

import pytest

from cultivar.core.errors import InvalidInput
from cultivar.operations.evidence import ItemToReview, next_items
from cultivar.operations.reviewing import open_batch, review_state
from cultivar.store.workspace import Workspace
from flows.cli.verdicts import read_verdicts
from tests.cli.conftest import Command


def _item(shown_as: str = "Relevant", item_id: str = "a1", name: str = "x.txt") -> ItemToReview:
    return ItemToReview(item_id, 0, "v", 0.9, "match", shown_as, name, "inbox", None, "text")


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "verdicts.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_verdict_by_item_id(tmp_path: Path) -> None:
    verdicts = read_verdicts(_file(tmp_path, "item_id,verdict\na1,no\nb2,?\n"))
    assert verdicts.of(_item()) == "no"
    assert verdicts.of(_item(item_id="b2")) == "not sure"
    assert verdicts.of(_item(item_id="c3")) is None


@pytest.mark.parametrize(
    ("shown_as", "relevant", "verdict"),
    [
        ("Relevant", "1", "yes"),
        ("Relevant", "0", "no"),
        ("Not relevant", "0", "yes"),
        ("Not relevant", "true", "no"),
    ],
)
def test_what_an_item_is_becomes_a_verdict_on_what_was_predicted(
    tmp_path: Path, shown_as: str, relevant: str, verdict: str
) -> None:
    verdicts = read_verdicts(_file(tmp_path, f"path,relevant\ninbox/x.txt,{relevant}\n"))
    assert verdicts.of(_item(shown_as)) == verdict


@pytest.mark.parametrize(
    "text",
    [
        "",
        "who,what\na,b\n",
        "item_id,verdict\na1,maybe\n",
        "item_id,verdict\n,yes\n",
        "item_id,relevant\na1,yes please\n",
        "item_id,verdict\na1\n",
    ],
)
def test_a_file_that_cannot_be_understood_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_verdicts(_file(tmp_path, text))
    assert refused.value.code == "bad-verdicts"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_bytes(b"item_id,verdict\n\xff\xfe\n")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_verdicts(file)


@pytest.mark.requirement("TC-52", "TC-54")
def test_verdicts_for_part_of_a_batch_are_kept_and_leave_it_open(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    open_batch(reviewable, "alex", "contracts")
    items = next_items(reviewable, "alex", "contracts")
    lines = "".join(f"{item.item_id},yes\n" for item in items[:29])
    answer = cultivar(
        "review", "contracts", "--verdicts", "-", "--json", typed=f"item_id,verdict\n{lines}"
    )
    assert answer.code == 0
    assert answer.json["given"] == 29
    state = review_state(reviewable, "alex", "contracts")
    assert (state.reviewed, state.unanswered, state.accuracy) == (29, 1, None)


def test_a_file_with_a_bad_line_gives_nothing(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    file = _file(tmp_path, "item_id,verdict\na1,yes\na2,perhaps\n")
    answer = cultivar("review", "contracts", "--verdicts", str(file), "--json")
    assert (answer.code, answer.error) == (1, "bad-verdicts")
    assert "Line 3" in answer.json["error"]["message"]
    assert review_state(reviewable, "alex", "contracts").reviewed == 0
