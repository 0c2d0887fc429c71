"""Files of verdicts: what their columns mean, what each line says, and why one is refused.

It reads text that others opened; nothing of a file is taken when one of its lines is wrong.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from cultivar.core.errors import InvalidInput
from cultivar.core.retraining import feedback
from cultivar.core.review.item_names import Names
from cultivar.core.review.order import NO, NOT_SURE, YES
from cultivar.core.spreadsheets import told_by

ITEM_ID, PATH, SUGGEST = "item_id", "path", "suggest"
RELEVANT, PREDICTION_RIGHT, VERDICT = "relevant", "prediction_right", "verdict"
# What lists and exports write beside these, so that one can be filled in and sent back.
TOLD = (
    "name", "title", "location", "folder", "prediction", "score", "policy", "workload", "type",
    "classifier", "version", "labels", "size", "modified_at", "created_at",
)  # fmt: skip
_YES_OR_NO = {
    **dict.fromkeys(("yes", "y", "true", "1"), YES),
    **dict.fromkeys(("no", "n", "false", "0"), NO),
    **dict.fromkeys(("not sure", "unsure", "?"), NOT_SURE),
}
_NUMBERED = 10
_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of file may say: its columns of answers, each with the words that it takes."""

    answers: Mapping[str, Mapping[str, str]]
    suggests: bool = False


REVIEW = Form({RELEVANT: _YES_OR_NO, PREDICTION_RIGHT: _YES_OR_NO})
FEEDBACK = Form(
    {
        RELEVANT: {
            word: feedback.MATCH if answer == YES else feedback.NOT_A_MATCH
            for word, answer in _YES_OR_NO.items()
            if answer != NOT_SURE
        },
        VERDICT: {each: each for each in feedback.VERDICTS},
    },
    suggests=True,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file, the item as it is named there, and the answer."""

    number: int
    item: str
    answer: str
    suggest: str = ""


@dataclass(frozen=True, slots=True)
class VerdictFile:
    """What a file says: ``by`` and ``says`` are the columns of the items and of the answers."""

    by: str
    says: str
    lines: tuple[Line, ...]
    empty: int = 0


def read_verdict_file(text: str, form: Form, *, skip_empty: bool = False) -> VerdictFile:
    """Return what a CSV says, separated by commas, semicolons or tabs.

    ``skip_empty`` leaves out the lines without an answer, and counts them.

    Raises:
        InvalidInput: codes ``bad-verdicts`` (it is no CSV, holds no verdict, or lacks a column),
            ``repeated-column``, ``unknown-column``, ``ambiguous-column``, ``two-answer-columns``,
            ``extra-cells``, ``no-item``, ``empty-verdict``, ``unknown-verdict``; what stands wrong
            in lines is said with their numbers.
    """
    rows = list(_rows(text))
    if not rows:
        raise InvalidInput("bad-verdicts", "The file of verdicts is empty.")
    header = _header(rows[0][1])
    by, says = _columns(header, form)
    table = [_Row(number, cells, header) for number, cells in rows[1:] if any(cells)]
    if not table:
        raise InvalidInput("bad-verdicts", "The file holds no verdict below its first line.")
    _require_cells(table, by)
    full = [row for row in table if row.cell(says)]
    if not skip_empty:
        refuse(
            "empty-verdict",
            [row.number for row in table if not row.cell(says)],
            f"has|have no answer in the column {says}. Fill it in, remove such lines, or leave "
            "them out with --skip-empty.",
        )
    if not full:
        raise InvalidInput("bad-verdicts", f"No line has an answer in the column {says}.")
    known = form.answers[says]
    refuse(
        "unknown-verdict",
        [row.number for row in full if row.cell(says).lower() not in known],
        f"says|say something else in the column {says} than: {', '.join(known)}.",
    )
    lines = [
        Line(row.number, row.cell(by), known[row.cell(says).lower()], row.cell(SUGGEST))
        for row in full
    ]
    return VerdictFile(by, says, tuple(lines), len(table) - len(full))


class _Row:
    """A line of the table, by its columns."""

    def __init__(self, number: int, cells: Sequence[str], header: Sequence[str]) -> None:
        self.number = number
        self.extra = any(cells[len(header) :])
        self._cells = dict(zip(header, cells, strict=False))

    def cell(self, column: str) -> str:
        return self._cells.get(column, "")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line's number, from 1 on, and its cells; a quoted cell may span lines."""
    text = text.removeprefix("\ufeff")
    reader = csv.reader(StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(
            "bad-verdicts",
            f"Line {number} of the file is not a line of a CSV: a quoted cell does not end, "
            "something stands behind its end, or it is too long.",
            {"line": number},
        ) from error


def _separator(text: str) -> str:
    """Return what parts the names of the columns, which themselves hold none of the three."""
    first = text.lstrip("\r\n").splitlines()[:1]
    return max(_SEPARATORS, key=first[0].count) if first else _SEPARATORS[0]


def _header(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns; spreadsheets leave empty ones at the end."""
    header = [name.lower() for name in cells]
    while header and not header[-1]:
        header.pop()
    return header


def _columns(header: Sequence[str], form: Form) -> tuple[str, str]:
    """Return the columns that name the items and that hold the answers."""
    by = next((name for name in (ITEM_ID, PATH) if name in header), None)
    says = [name for name in form.answers if name in header]
    if VERDICT in header and VERDICT not in form.answers:
        raise InvalidInput(
            "ambiguous-column",
            "What yes in the column verdict means cannot be told. Name the column relevant where "
            "yes means that the document is one of the kind, or prediction_right where yes means "
            "that the prediction shown is right.",
        )
    _require_known(header, form)
    if len(says) > 1:
        raise InvalidInput(
            "two-answer-columns",
            f"The file has both columns {' and '.join(says)}. Keep one of them.",
        )
    if by is None or not says:
        raise InvalidInput(
            "bad-verdicts",
            "The first line must name the column item_id or path, and "
            f"{' or '.join(form.answers)}; it names {', '.join(header) or 'nothing'}.",
        )
    return by, says[0]


def _require_known(header: Sequence[str], form: Form) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise InvalidInput(
            "repeated-column", f"The first line names {repeated[0]!r} more than once."
        )
    known = (ITEM_ID, PATH, *form.answers, *((SUGGEST,) if form.suggests else ()), *TOLD)
    strange = [name for name in header if name not in known]
    if strange:
        taken = [name for name in known if name not in TOLD]
        raise InvalidInput(
            "unknown-column",
            f"The first line names {', '.join(map(repr, strange[:_NUMBERED]))}. The columns that "
            f"are read are {', '.join(taken)}; those that a list has beside them may stay.",
        )


def _require_cells(table: Sequence[_Row], by: str) -> None:
    refuse(
        "extra-cells",
        [row.number for row in table if row.extra],
        "has|have more cells than the first line names columns.",
    )
    refuse(
        "no-item",
        [row.number for row in table if not row.cell(by)],
        f"names|name no item in the column {by}.",
    )


def answers_by_item(file: VerdictFile, names: Names, absent: tuple[str, str]) -> dict[str, Line]:
    """Return item id → the line that judges it.

    ``absent`` is the code and the end of the sentence where the items are not among the names.

    Raises:
        InvalidInput: that code; ``ambiguous-item``; ``conflicting-verdicts`` (one item, several
            answers) and ``judged-twice`` (one item, the same answer).
    """
    find = names.by_id if file.by == ITEM_ID else names.by_path
    found = [(line, find(line.item) or find(told_by(line.item))) for line in file.lines]
    refuse(absent[0], [line.number for line, ids in found if not ids], absent[1])
    for line, ids in found:
        if len(ids) > 1:
            raise InvalidInput(
                "ambiguous-item",
                f"Line {line.number}: {names.several(line.item, ids)} Name it by its id in the "
                "column item_id.",
                {"lines": [line.number]},
            )
    return _once({line.number: (line, ids[0]) for line, ids in found})


def _once(found: Mapping[int, tuple[Line, str]]) -> dict[str, Line]:
    """Return each item's line; refuse items that several lines judge."""
    said: dict[str, list[Line]] = defaultdict(list)
    for line, item_id in found.values():
        said[item_id].append(line)
    twice = [lines for lines in said.values() if len(lines) > 1]
    differ = [lines for lines in twice if len({line.answer for line in lines}) > 1]
    refuse(
        "conflicting-verdicts",
        sorted(line.number for lines in differ for line in lines),
        "contradicts|contradict each other: they give one item different answers.",
    )
    refuse(
        "judged-twice",
        sorted(line.number for lines in twice for line in lines),
        "repeats|repeat each other: each item is judged by one line.",
    )
    return {item_id: lines[0] for item_id, lines in said.items()}


def lines_named(numbers: Sequence[int]) -> str:
    """Return ``Line 3``, ``Lines 3 and 5``, or the first ten lines and how many more there are."""
    if len(numbers) == 1:
        return f"Line {numbers[0]}"
    if len(numbers) <= _NUMBERED:
        return f"Lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
    first = ", ".join(map(str, numbers[:_NUMBERED]))
    return f"Lines {first} and {len(numbers) - _NUMBERED:,} more"


def refuse(code: str, numbers: Sequence[int], sentence: str) -> None:
    """Refuse the lines of a file, if there are any.

    ``sentence`` goes on behind the lines and begins with its verb, as in ``has|have no answer``.

    Raises:
        InvalidInput: the code; the facts ``lines`` (the first ten) and ``count`` (of all).
    """
    if numbers:
        one, _, many = sentence.partition("|")
        verb, _, rest = many.partition(" ")
        verb = one if len(numbers) == 1 else verb
        facts = {"lines": list(numbers[:_NUMBERED]), "count": len(numbers)}
        raise InvalidInput(code, f"{lines_named(numbers)} {verb} {rest}", facts)
