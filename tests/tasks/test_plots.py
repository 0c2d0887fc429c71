"""Plots: valid SVG from figures, one mark a figure, inside Markdown."""

import base64
import xml.etree.ElementTree as ET

import pytest

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
    bars = _drawn(page).findall(f"{SVG}rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] == heights[3] == 0
    assert heights[0] == 2 * heights[2] > 0
    assert heights[0] < plots.HEIGHT


def test_a_histogram_of_nothing_is_drawn() -> None:
    assert len(_drawn(plots.score_distribution([0] * 20, 0.5, "None")).findall(f"{SVG}rect")) == 20


def test_accuracy_has_a_point_an_interval_and_a_dash_a_batch_and_a_legend_for_each() -> None:
    page = plots.accuracy_by_batch([_batch(1, 0.9), _batch(2, 0.7)], 0.8, "Accuracy")
    svg = _drawn(page)
    first, second, _ = svg.findall(f"{SVG}circle")
    assert float(first.attrib["cy"]) < float(second.attrib["cy"])
    lines = svg.findall(f"{SVG}line")
    intervals = [each for each in lines if each.attrib["stroke"] == plots.BAND]
    assert len(intervals) == 2 + 1
    inks = [each for each in lines if each.attrib["stroke"] == plots.INK]
    assert len(inks) == 1 + 2 + 1  # the axis, the assured accuracy of each batch, the legend's
    texts = [each.text for each in svg.findall(f"{SVG}text")]
    assert {"target 0.80", "accuracy", "95 % interval", "assured"} <= set(texts)


@pytest.mark.parametrize(("accuracy", "lowest"), [(0.95, "0.5"), (0.5, "0.3")])
def test_the_axis_of_accuracy_begins_at_half_or_below_what_is_drawn(
    accuracy: float, lowest: str
) -> None:
    svg = _drawn(plots.accuracy_by_batch([_batch(1, accuracy)], 0.8, "Accuracy"))
    scale = [each for each in svg.findall(f"{SVG}text") if each.attrib["text-anchor"] == "end"]
    assert max(scale, key=lambda text: float(text.attrib["y"])).text == lowest


@pytest.mark.parametrize("classes", [2, 20, 40])
def test_a_confusion_matrix_names_every_row_and_numbers_every_column(classes: int) -> None:
    names = [f"class-{place:02}-{'x' * 50}" for place in range(classes)]
    svg = _drawn(plots.confusion_matrix({name: {name: 3} for name in names}, "Confusion"))
    texts = [str(each.text) for each in svg.findall(f"{SVG}text")]
    for place, name in enumerate(names, start=1):
        assert str(place) in texts
        [row] = [each for each in texts if each.startswith(f"{place} {name[:8]}")]
        assert row.endswith(("…", "x"))
    assert float(svg.attrib["height"]) >= max(
        float(each.attrib["y"]) for each in svg.findall(f"{SVG}text")
    )


def test_plots_have_no_page_of_their_own() -> None:
    for page in (
        plots.score_distribution([3, 1], 0.5, "Scores"),
        plots.accuracy_by_batch([_batch(1, 0.9)], 0.8, "Accuracy"),
        plots.confusion_matrix({"a": {"a": 3}}, "Confusion"),
    ):
        assert "white" not in ET.tostring(_drawn(page), encoding="unicode")


def test_titles_cannot_break_out_of_the_drawing() -> None:
    svg = _drawn(plots.score_distribution([1], 0.5, 'a <script>"&'))
    assert 'a <script>"&' in [each.text for each in svg.findall(f"{SVG}text")]
