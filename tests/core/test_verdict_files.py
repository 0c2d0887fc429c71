"""Files of verdicts: what they may look like, what they say, and every reason to refuse one."""

import contextlib
import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.review.item_names import Named, Names
from cultivar.core.review.order import NO, NOT_SURE, VERDICTS, YES, shown_as, verdict_on
from cultivar.core.review.verdict_files import (
    FEEDBACK,
    REVIEW,
    Form,
    answers_by_item,
    read_verdict_file,
)

A, B, C = ("a1" * 16, "b2" * 16, "b2c3" * 8)
NAMES = Names(
    [
        Named(A, "mail", "ada/1.eml", "ada", "1.eml"),
        Named(B, "mail", "bo/1.eml", "bo", "1.eml"),
        Named(C, "drive", "bo/2.eml", "bo", "2.eml"),
    ]
)
ABSENT = ("not-there", "names|name no item that is there.")


def said(text: str, form: Form = REVIEW) -> dict[str, str]:
    found = answers_by_item(read_verdict_file(text, form), NAMES, ABSENT)
    return {item_id: line.answer for item_id, line in found.items()}


def refused(text: str, form: Form = REVIEW) -> InvalidInput:
    with pytest.raises(InvalidInput) as found:
        said(text, form)
    return found.value


@pytest.mark.parametrize(
    "text",
    [
        f"item_id,relevant\n{A},yes\n{B},?\n",
        f"\ufeffitem_id,relevant\r\n{A},yes\r\n{B},not sure\r\n",
        f'"item_id";"relevant"\r\n"{A}";"Yes"\r\n"{B}";"NOT SURE"\r\n',
        f"item_id\trelevant\n{A}\t1\n{B}\tunsure",
        f"Relevant,Item_ID\n y , {A} \n\n?,{B}\n",
        "path,relevant\nmail/ada/1.eml,true\nbo/1.eml,?\n",
        f"item_id;path;prediction;score;relevant;;\r\n{A};x;Relevant;0,93;yes;;\r\n{B};;;;?;;\r\n;;;;;;\r\n",
        f'item_id,name,relevant\n{A},"a\nname, in ""two"" lines",yes\n{B},b,?\n',
        f"item_id,prediction_right\n{A[:6]},yes\n{B[:12]},?\n",
    ],
)  # fmt: skip
def test_a_file_is_understood_however_spreadsheets_write_it(text: str) -> None:
    assert said(text) == {A: YES, B: NOT_SURE}


def test_feedback_says_what_a_document_is_or_match_in_words() -> None:
    assert said(f"item_id,relevant\n{A},yes\n{B},0\n", FEEDBACK) == {A: "match", B: "not a match"}
    text = "path;verdict;suggest\n2.eml;Not a match;invoices\nada/1.eml;match;\n"
    assert said(text, FEEDBACK) == {C: "not a match", A: "match"}
    [first, _] = read_verdict_file(text, FEEDBACK).lines
    assert first.suggest == "invoices"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "bad-verdicts", "empty"),
        ("item_id,relevant\n", "bad-verdicts", "no verdict below its first line"),
        ("item_id,relevant\n,\n", "bad-verdicts", "no verdict below its first line"),
        ("relevant\nyes\n", "bad-verdicts", "it names relevant"),
        ("item_id,name\nx,y\n", "bad-verdicts", "relevant or prediction_right"),
        ('item_id,relevant\nx,"yes\n', "bad-verdicts", "Line 2"),
        ("item_id,who,relevant\nx,y,yes\n", "unknown-column", "'who'"),
        ("item_id,item_id,relevant\nx,y,yes\n", "repeated-column", "'item_id'"),
        ("item_id,verdict\nx,yes\n", "ambiguous-column", "prediction_right where yes means"),
        ("item_id,verdict,relevant\nx,yes,no\n", "ambiguous-column", "relevant where yes means"),
        ("item_id,relevant,prediction_right\nx,1,1\n", "two-answer-columns", "Keep one"),
        (f"item_id,relevant\n{A},yes,no\n", "extra-cells", "Line 2 has more cells"),
        (f"item_id,relevant\n{A},yes\n,no\n,no\n", "no-item", "Lines 3 and 4 name no item"),
        (f"item_id,relevant\n{A},\n{B}\n{C},1\n", "empty-verdict", "Lines 2 and 3 have no answer"),
        (f"item_id,relevant\n{A},perhaps\n", "unknown-verdict", "Line 2 says something else"),
        (f"item_id,relevant\n{A},1\n{'c' * 32},0\n", "not-there", "Line 3 names no item"),
        ("item_id,relevant\nmail/ada/1.eml,1\n", "not-there", "Line 2"),
        (f"path,relevant\n{A},1\n", "not-there", "Line 2"),
        (f"item_id,relevant\n{A},1\n{B},0\n{A[:8]},0\n", "conflicting-verdicts", "Lines 2 and 4"),
        (f"item_id,relevant\n{A},1\n{B},0\n{A},1\n", "judged-twice", "Lines 2 and 4"),
        ("path,relevant\n1.eml,yes\n", "ambiguous-item", "mail/ada/1.eml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_lines(text: str, code: str, says: str) -> None:
    found = refused(text)
    assert (found.code, says in found.sentence) == (code, True), found.sentence


def test_feedback_knows_no_not_sure_and_no_prediction_that_is_right() -> None:
    assert refused(f"item_id,relevant\n{A},?\n", FEEDBACK).code == "unknown-verdict"
    assert refused(f"item_id,prediction_right\n{A},1\n", FEEDBACK).code == "unknown-column"
    assert refused(f"item_id,verdict\n{A},yes\n", FEEDBACK).code == "unknown-verdict"
    both = f"item_id,verdict,relevant\n{A},match,yes\n"
    assert refused(both, FEEDBACK).code == "two-answer-columns"


def test_of_many_wrong_lines_the_first_ten_are_named_and_the_rest_counted() -> None:
    lines = "".join(f"{n:032x},yes\n" for n in range(1_500))
    found = refused(f"item_id,relevant\n{A},yes\n{lines}")
    assert found.sentence.startswith("Lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 1,490 more name")
    assert found.facts == {"lines": list(range(3, 13)), "count": 1_500}


def test_a_line_is_numbered_where_it_begins() -> None:
    text = f'item_id,name,relevant\n{A},"three\nlines\nlong",yes\n\n{B},b,perhaps\n'
    assert refused(text).facts["lines"] == [6]


def test_a_path_that_was_kept_from_being_a_formula_is_read_back() -> None:
    names = Names([Named(A, "mail", "=1.eml", "", "=1.eml"), Named(B, "mail", "'-1", "", "'-1")])
    found = read_verdict_file("path,relevant\n'=1.eml,yes\n'-1,no\n", REVIEW)
    assert set(answers_by_item(found, names, ABSENT)) == {A, B}


def test_lines_without_an_answer_are_left_out_where_that_is_asked_for() -> None:
    found = read_verdict_file(f"item_id,relevant\n{A},yes\n{B},\n", REVIEW, skip_empty=True)
    assert ([line.item for line in found.lines], found.empty) == ([A], 1)
    with pytest.raises(InvalidInput, match="No line has an answer"):
        read_verdict_file(f"item_id,relevant\n{A},\n", REVIEW, skip_empty=True)


@given(
    answers=st.dictionaries(st.sampled_from([A, B, C]), st.sampled_from(VERDICTS), min_size=1),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    name=st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8),
)
def test_what_is_written_is_read_back(
    answers: dict[str, str], separator: str, end: str, quoting: int, name: str
) -> None:
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["item_id", "name", "relevant"])
    writer.writerows([item, name, answer] for item, answer in answers.items())
    assert said(file.getvalue()) == answers


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert read_verdict_file(text, REVIEW).lines


@given(st.sampled_from(["match", "close match", "no match"]), st.sampled_from(VERDICTS))
def test_what_an_item_is_and_the_verdict_on_what_was_predicted_follow_from_each_other(
    prediction: str, relevant: str
) -> None:
    verdict = verdict_on(prediction, relevant)
    assert verdict_on(prediction, verdict) == relevant
    assert (verdict == YES) == ((shown_as(prediction), relevant) in {
        ("Relevant", YES), ("Not relevant", NO),
    })  # fmt: skip
