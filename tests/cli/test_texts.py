"""Text on a terminal: windows around the telling words, marks, and no control characters."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cli.terminal.texts import printable
from cultivar.core.review.excerpts import LONGEST_WHOLE, closed_up, pieces, windows
from cultivar.core.texts.safe_text import readable


@dataclass(frozen=True)
class Word:
    start: int
    end: int
    weight: float


@st.composite
def texts_with_words(draw: st.DrawFn) -> tuple[str, list[Word]]:
    text = draw(st.text(alphabet="ab \n\x1b", max_size=6000))
    spans = draw(
        st.lists(st.tuples(st.integers(0, max(0, len(text) - 1)), st.integers(1, 12)), max_size=30)
    )
    weights = draw(st.lists(st.floats(-1, 1), min_size=len(spans), max_size=len(spans)))
    words = [
        Word(start, min(len(text), start + length), weight)
        for (start, length), weight in zip(spans, weights, strict=True)
    ]
    return text, words


@given(texts_with_words())
def test_windows_ascend_stay_inside_and_hold_the_beginning(given_: tuple[str, list[Word]]) -> None:
    text, words = given_
    spans = windows(len(text), words)
    assert spans[0][0] == 0
    assert all(0 <= start <= stop <= len(text) for start, stop in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert sum(stop - start for start, stop in spans) <= max(LONGEST_WHOLE, len(text[:1600]))


@given(texts_with_words())
def test_a_short_text_is_shown_whole(given_: tuple[str, list[Word]]) -> None:
    text, words = given_[0][:LONGEST_WHOLE], given_[1]
    inside = [word for word in words if word.end <= len(text)]
    assert "".join(piece.text for piece in pieces(text, inside)) == printable(text)


def test_the_strongest_word_of_a_long_text_is_in_sight_and_marked() -> None:
    text = "noise " * 2000 + "contract" + " noise" * 2000
    shown = pieces(text, [Word(12_000, 12_008, 0.9)])
    assert [piece.text for piece in shown if piece.lean == 1] == ["contract"]
    assert " […] " in [piece.text for piece in shown]


def test_a_word_against_is_marked_the_other_way() -> None:
    shown = pieces("for against", [Word(0, 3, 0.5), Word(4, 11, -0.5)])
    assert [(piece.text, piece.lean) for piece in shown] == [("for", 1), (" ", 0), ("against", -1)]


@given(st.text())
def test_nothing_printed_can_steer_a_terminal(text: str) -> None:
    shown = printable(text)
    assert not any(ord(each) < 32 and each not in "\n\t" for each in shown)
    assert not any(0x7F <= ord(each) <= 0x9F for each in shown)


def test_an_escape_sequence_of_a_document_stays_letters() -> None:
    assert printable("\x1b]0;owned\x07\x1b[2J") == "\ufffd]0;owned\ufffd\ufffd[2J"
    assert printable("safe\u202eexe.txt") == "safe\ufffdexe.txt"


def test_persian_and_hebrew_keep_the_marks_that_belong_to_their_letters() -> None:
    for text in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u200f\u05e9\u05dc\u05d5\u05dd!",
    ):
        assert readable(text) == text


def test_many_empty_lines_become_one() -> None:
    assert closed_up("a\n\n \n\t\n\nb\n\nc\nd") == "a\n\nb\n\nc\nd"


def test_only_the_twelve_words_that_pushed_the_most_are_marked() -> None:
    text = " ".join(f"word{number:02}" for number in range(40))
    words = [Word(7 * number, 7 * number + 6, 1.0 - number / 50) for number in range(40)]
    marked = [piece.text for piece in pieces(text, words) if piece.lean]
    assert marked == [f"word{number:02}" for number in range(12)]
