import unicodedata

import pytest

from cultivar.core.learning.writing.folding import (
    MARK,
    SEPARATOR,
    SINGLE,
    TABLE_SIZE,
    folding_table,
)


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("A", "a"),
        ("z", "z"),
        ("7", "7"),
        ("É", "e"),
        ("Ñ", "n"),
        ("Σ", "\u03c3"),
        ("Ж", "ж"),
        ("İ", "i"),
    ],
)
def test_letters_lose_case_and_accent(character: str, folded: str) -> None:
    assert folding_table()[ord(character)] == ord(folded)


@pytest.mark.parametrize(
    "character", [" ", "\n", "_", "-", "'", "\u2019", "\u2026", "\ufffd", "\0"]
)
def test_punctuation_and_spaces_part_words(character: str) -> None:
    assert folding_table()[ord(character)] == SEPARATOR


@pytest.mark.parametrize("character", ["\u0301", "\u200d", "\u00ad", "\ufeff"])
def test_accents_and_invisible_characters_join(character: str) -> None:
    assert folding_table()[ord(character)] == MARK


@pytest.mark.parametrize("character", ["中", "あ", "ก", "😀"])
def test_characters_of_scripts_without_spaces_are_words(character: str) -> None:
    assert folding_table()[ord(character)] == ord(character) | SINGLE


def test_ascii_folds_to_ascii_lower_case_alone() -> None:
    table = folding_table()
    for point in range(128):
        character = chr(point)
        assert table[point] == (ord(character.lower()) if character.isalnum() else SEPARATOR)


def test_folding_is_the_same_under_any_version_of_unicode() -> None:
    """What Unicode 3.2 lacks is kept as it is, whatever this Python knows of it."""
    table = folding_table()
    younger = [p for p in range(0x80, 0xD800) if unicodedata.ucd_3_2_0.category(chr(p)) == "Cn"]
    assert len(younger) > 1000
    assert all(int(table[point]) & ~SINGLE == point for point in younger)


def test_folding_a_folded_letter_changes_nothing() -> None:
    table = folding_table()
    for point in range(TABLE_SIZE):
        folded = int(table[point]) & ~SINGLE
        if folded > MARK:
            assert int(table[folded]) & ~SINGLE == folded
