"""Plots as SVG inside Markdown, since the Prefect UI shows images only by address.

Drawn from figures alone: no row, item or text of a table reaches a plot. The page behind shows
through, so each colour stands out from white and from the dark page alike.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from cultivar.core.figures import probability

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 44
INK, GRID, BAR, BAND, MARK = "#8089a0", "#80808055", "#6d8ad6", "#6d8ad666", "#e0603f"
CELL, ON_CELL = "#3d5fc0", "#ffffff"
LEAST_ACCURACY = 0.5


def score_distribution(counts: Sequence[int], threshold: float, title: str) -> str:
    """Return Markdown with a histogram of scores.

    ``counts`` are items in equal bins over 0 to 1; the line stands at ``threshold``.
    """
    tallest = max([*counts, 1])
    width = _x(1 / len(counts)) - _x(0)
    bars = [
        _bar(_x(place / len(counts)), _y(count / tallest), width)
        for place, count in enumerate(counts)
    ]
    parts = [
        *_frame(
            title, "probability of relevance in the content", f"{tallest} items at the tallest bar"
        ),
        *bars,
        _line(_x(threshold), _y(1), _x(threshold), _y(0), MARK),
        _text(_x(threshold), TOP - 2, f"threshold {probability(threshold)}", MARK, "middle"),
        *[_text(_x(tick), HEIGHT - 24, f"{tick:.0%}", INK, "middle") for tick in _TICKS],
    ]
    return _markdown(parts, title)


def accuracy_by_batch(batches: Sequence[Mapping[str, float]], target: float, title: str) -> str:
    """Return Markdown with the accuracy after each batch, its interval, and the target.

    ``batches`` hold ``batch``, ``accuracy``, ``lower``, ``upper`` and ``assured`` (a short line: it
    must reach the target), in order of review.
    """
    xs = [_x((place + 0.5) / max(len(batches), 1)) for place in range(len(batches))]
    lowest = _lowest(batches, target)

    def height(share: float) -> float:
        return _y((share - lowest) / (1 - lowest))

    points = [(x, height(batch["accuracy"])) for x, batch in zip(xs, batches, strict=True)]
    ticks = [round(lowest + step * (1 - lowest) / 5, 2) for step in range(6)]
    parts = [
        *_frame(title, "batch of reviews", ""),
        *_legend(),
        *[_line(_x(0), height(tick), _x(1), height(tick), GRID) for tick in ticks],
        *[_text(LEFT - 8, height(tick) + 4, f"{tick:.2g}", INK, "end") for tick in ticks],
        _line(_x(0), height(target), _x(1), height(target), MARK),
        *[
            _line(x, height(b["lower"]), x, height(b["upper"]), BAND, width=10)
            for x, b in zip(xs, batches, strict=True)
        ],
        *[
            _line(x - 7, height(b["assured"]), x + 7, height(b["assured"]), INK)
            for x, b in zip(xs, batches, strict=True)
        ],
        _text(_x(0) + 4, height(target) + 14, f"target {target:.2f}", MARK, "start"),
        _path(points),
        *[f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{INK}"/>' for x, y in points],
        *[
            _text(x, HEIGHT - 24, f"{batch['batch']:.0f}", INK, "middle")
            for x, batch in zip(xs, batches, strict=True)
        ],
    ]
    return _markdown(parts, title)


def _lowest(batches: Sequence[Mapping[str, float]], target: float) -> float:
    """Return where the axis begins: at half, or at the tenth below what is drawn lower."""
    drawn = [target, *(b[each] for b in batches for each in ("lower", "assured"))]
    return min(LEAST_ACCURACY, math.floor(10 * min(drawn)) / 10)


def _legend() -> list[str]:
    """Return what point, band and dash mean, from the right edge on."""
    marks: list[tuple[Callable[[float], str], str, int]] = [
        (lambda x: f'<circle cx="{x:.1f}" cy="14" r="4" fill="{INK}"/>', "accuracy", 84),
        (lambda x: _line(x, 8, x, 20, BAND, width=10), "95 % interval", 112),
        (lambda x: _line(x - 7, 14, x + 7, 14, INK), "assured", 76),
    ]
    parts, x = [], WIDTH - RIGHT - sum(width for *_, width in marks)
    for mark, name, width in marks:
        parts += [mark(x + 8), _text(x + 20, 18, name, INK, "start")]
        x += width
    return parts


def versions_compared(sets: Mapping[str, Mapping[str, Mapping[str, Any]]], title: str) -> str:
    """Return Markdown with precision and recall of both versions on both sets of items.

    ``sets`` maps a set to version to measure, a figure with its bounds or None; published stands
    left of retrained.
    """
    places = [(items, measure) for items in sets for measure in ("precision", "recall")]
    parts = [
        *_frame(title, "published left, retrained right", "with 95 % intervals"),
        *[_line(_x(0), _y(tick), _x(1), _y(tick), GRID) for tick in _TICKS],
        *[_text(LEFT - 8, _y(tick) + 4, f"{tick:.1f}", INK, "end") for tick in _TICKS],
    ]
    for place, (items, measure) in enumerate(places):
        middle = _x((place + 0.5) / max(len(places), 1))
        parts.append(_text(middle, HEIGHT - 24, f"{measure}, {items}", INK, "middle", size=11))
        for shift, version, colour in ((-14, "published", BAR), (14, "retrained", MARK)):
            parts += _figure(middle + shift, sets[items][version][measure], colour)
    return _markdown(parts, title)


def confusion_matrix(counts: Mapping[str, Mapping[str, int]], title: str) -> str:
    """Return Markdown with a cell a pair of classes: rows are predicted, columns actual.

    ``counts`` maps predicted to actual to count, zeros left out. The darker a cell, the larger its
    share of the actual class. Rows carry their class with a number, columns the number.
    """
    names = list(counts)
    sums = {name: max(1, sum(row.get(name, 0) for row in counts.values())) for name in names}
    side = _side(len(names))
    parts = [
        _text(LEFT, 18, title, INK, "start", size=14),
        _text(WIDTH - RIGHT, 18, "rows: predicted class; columns: actual class", INK, "end"),
    ]
    for row, predicted in enumerate(names):
        for column, actual in enumerate(names):
            count = counts[predicted].get(actual, 0)
            x, y = LEFT + column * side, TOP + row * side
            parts += _cell(x, y, side, (count, count / sums[actual]))
    if len(names) <= _NAMED_CLASSES:
        parts += _numbered(names, side)
    return _markdown(parts, title, TOP + len(names) * side + BOTTOM)


_NAMED_CLASSES = 40
_DARK = 0.5
_ROOM_FOR_NAMES = 180
_LEGIBLE = 16
_CHARACTER = 6


def _side(classes: int) -> float:
    """Return the side of a cell: legible where the classes fit, smaller where they are many."""
    wide = WIDTH - LEFT - RIGHT - _ROOM_FOR_NAMES
    return min(max((HEIGHT - TOP - BOTTOM) / max(classes, 1), _LEGIBLE), wide / max(classes, 1))


def _numbered(names: Sequence[str], side: float) -> list[str]:
    """Return the number of each class below its column, and with its name beside its row."""
    x, y = LEFT + len(names) * side, TOP + len(names) * side
    most = int((WIDTH - x - 8) / _CHARACTER)
    parts = []
    for place, name in enumerate(names):
        said = f"{place + 1} {name}"
        shown = said if len(said) <= most else f"{said[: most - 1]}…"
        middle = (place + 0.5) * side
        parts += [
            _text(x + 8, TOP + middle + 4, shown, INK, "start", size=11),
            _text(LEFT + middle, y + 14, str(place + 1), INK, "middle", size=9),
        ]
    return parts


def _cell(x: float, y: float, side: float, shown: tuple[int, float]) -> list[str]:
    count, share = shown
    square = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" '
        f'fill="{CELL}" fill-opacity="{share:.2f}" stroke="{GRID}"/>'
    )
    if not count or side < _LEGIBLE:
        return [square]
    colour = ON_CELL if share > _DARK else INK
    return [square, _text(x + side / 2, y + side / 2 + 4, str(count), colour, "middle", size=11)]


def _figure(x: float, figure: Mapping[str, float] | None, colour: str) -> list[str]:
    if figure is None:
        return []
    return [
        _line(x, _y(figure["lower"]), x, _y(figure["upper"]), BAND, width=10),
        f'<circle cx="{x:.1f}" cy="{_y(figure["estimate"]):.1f}" r="4" fill="{colour}"/>',
    ]


_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def _frame(title: str, below: str, above: str) -> list[str]:
    return [
        _text(LEFT, 18, title, INK, "start", size=14),
        _text(WIDTH - RIGHT, 18, above, INK, "end"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, below, INK, "middle"),
        _line(_x(0), _y(0), _x(1), _y(0), INK),
    ]


def _bar(x: float, y: float, width: float) -> str:
    height = _y(0) - y
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 1:.1f}" '
        f'height="{height:.1f}" fill="{BAR}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.5) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{INK}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str, *, size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" '
        f'font-family="sans-serif" font-size="{size}">{escape(text)}</text>'
    )


def _markdown(parts: Sequence[str], title: str, height: float = HEIGHT) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img">{"".join(parts)}</svg>'
    )
    return f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
