"""Plots: valid SVG from figures, one mark a figure, inside Markdown."""

import base64
import xml.etree.ElementTree as ET

from tasks import plots

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(page: str) -> ET.Element:
    encoded = page.partition("base64,")[2].removesuffix(")")
    return ET.fromstring(base64.b64decode(encoded))  # noqa: S314 - drawn by the code under test


def _batch(number: int, accuracy: float) -> dict[str, float]:
    bounds = {"lower": accuracy - 0.1, "upper": 1.0, "assured": accuracy - 0.15}
    return {"batch": number, "accuracy": accuracy} | bounds


def test_a_histogram_has_a_bar_a_bin_as_tall_as_its_share() -> None:
    page = plots.score_distribution([10, 0, 5, 0], 0.5, "Scores")
    frame, *bars = _drawn(page).findall(f"{SVG}rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] == heights[3] == 0
    assert heights[0] == 2 * heights[2] > 0
    assert float(frame.attrib["height"]) > heights[0]


def test_a_histogram_of_nothing_is_drawn() -> None:
    assert len(_drawn(plots.score_distribution([0] * 20, 0.5, "None")).findall(f"{SVG}rect")) == 21


def test_accuracy_has_a_point_and_an_interval_a_batch() -> None:
    page = plots.accuracy_by_batch([_batch(1, 0.9), _batch(2, 0.7)], 0.8, "Accuracy")
    svg = _drawn(page)
    first, second = svg.findall(f"{SVG}circle")
    assert float(first.attrib["cy"]) < float(second.attrib["cy"])
    intervals = [each for each in svg.findall(f"{SVG}line") if each.attrib["stroke"] == plots.BAND]
    assert len(intervals) == 2
    inks = [each for each in svg.findall(f"{SVG}line") if each.attrib["stroke"] == plots.INK]
    assert len(inks) == 3  # the axis, and the assured accuracy of each batch
    assert "target 0.80" in [each.text for each in svg.findall(f"{SVG}text")]


def test_titles_cannot_break_out_of_the_drawing() -> None:
    svg = _drawn(plots.score_distribution([1], 0.5, 'a <script>"&'))
    assert 'a <script>"&' in [each.text for each in svg.findall(f"{SVG}text")]
