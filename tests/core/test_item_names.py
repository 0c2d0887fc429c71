"""What a person calls an item: every printed name is accepted, and what fits several is refused."""

from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.review.item_names import Named, Names, are_whole
from cultivar.core.spreadsheets import cell, told_by

ONE = Named("1a" * 16, "mail", "ada/box.mbox/7", "ada/box.mbox", "Offer.eml")
TWO = Named("1a2b" * 8, "mail", "bo/Offer.eml", "bo", "Offer.eml")
THREE = Named("ff" * 16, "drive", "bo/other.txt", "bo", "other.txt")
TOP = Named("0c" * 16, "drive", "top.txt", "", "top.txt")
NAMES = Names([ONE, TWO, THREE, TOP])


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (ONE.item_id, ONE),
        ("1a1a1a", ONE),
        ("mail/ada/box.mbox/Offer.eml", ONE),
        ("mail/ada/box.mbox/7", ONE),
        ("ada/box.mbox/7", ONE),
        ("bo/Offer.eml", TWO),
        ("other.txt", THREE),
        ("drive/top.txt", TOP),
        ("top.txt", TOP),
    ],
)
def test_every_name_of_an_item_is_understood(text: str, item: Named) -> None:
    assert NAMES.one(text) == item.item_id


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_name_is_understood_in_any_form_of_unicode(form: Literal["NFC", "NFD", "NFKC"]) -> None:
    decomposed, wide = "Caf\u0065\u0301/계약서.txt", "Ａ１.txt"  # noqa: RUF001
    for path in (normalize("NFD", decomposed), decomposed, wide):
        folder, _, name = path.rpartition("/")
        known = Names([ONE, Named("2b" * 16, "mail", path, folder, name)])
        for text in (path, f"mail/{path}", name):
            assert known.one(normalize(form, text)) == "2b" * 16


@pytest.mark.parametrize(
    "text", ["", "1a1a1", "mail", "bo", "Offer", "mail/top.txt", "f" * 31 + "0"]
)
def test_what_is_no_name_of_any_item_finds_nothing(text: str) -> None:
    assert NAMES.one(text) is None


def test_a_name_that_fits_several_is_refused_with_the_candidates() -> None:
    with pytest.raises(InvalidInput) as refused:
        NAMES.one("Offer.eml")
    assert refused.value.code == "ambiguous-item"
    for each in (ONE, TWO):
        assert f"{each.item_id} ({each.shown})" in refused.value.sentence


def test_a_whole_id_wins_over_a_file_that_is_named_like_one() -> None:
    names = Names([ONE, Named("ee" * 16, "mail", ONE.item_id, "", ONE.item_id)])
    assert names.one(ONE.item_id) == ONE.item_id


def test_whole_ids_are_told_from_everything_else() -> None:
    assert are_whole([ONE.item_id, TWO.item_id])
    assert not are_whole([ONE.item_id, "1a1a1a"])
    assert not are_whole(["x" * 32])


parts = st.text("ab/", max_size=4)
ids = st.integers(0, 2**128 - 1).map("{:032x}".format)
items = st.lists(
    st.builds(Named, ids, parts, parts, parts, parts),
    unique_by=lambda each: each.item_id,
    max_size=6,
)


@given(items)
def test_what_a_list_prints_finds_the_item(known: list[Named]) -> None:
    names = Names(known)
    for each in known:
        assert names.meant(each.item_id) == (each.item_id,)
        assert each.item_id in names.meant(each.shown)
        assert each.item_id in names.by_id(each.item_id[:12])
        assert names.meant(each.below)


@given(st.text(max_size=12))
def test_no_cell_is_a_formula_and_each_is_read_back(text: str) -> None:
    assert not cell(text).lstrip(" ").startswith(("=", "+", "-", "@"))
    assert told_by(cell(text)) == text or text.startswith("'")
