"""SVG: the text that a drawing shows, and the titles and descriptions that stand in for shapes.

Style, script and what programs note of the licence are never text. Pure: nothing is opened.
"""

import re

from cultivar.content.documents.markup import Page, page_of

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<((?:\w+:)?(?:metadata|style|script))(?:\s[^<>]*)?(?<!/)>.*?(?:</\1\s*>|\Z)",
    re.I | re.S,
)
# What follows a web page in a choice is shown where a browser cannot show the page.
_CHOICE = re.compile(r"<switch\b[^<>]*>(?:(?!</switch>).)*?</foreignObject\s*>", re.I | re.S)
_EXCUSE = re.compile(
    r"<switch\b[^<>]*>\s*<g\s[^<>]*requiredFeatures[^<>]*/>.*?</switch\s*>", re.I | re.S
)
_SHOWN = re.compile(
    r"<((?:\w+:)?(?P<kind>title|desc|text|flowRoot|foreignObject))\b(?P<rest>[^<>]*)(?<!/)>"
    r"(?P<inside>.*?)(?:</\1\s*>|\Z)",
    re.S,
)
_LINE = re.compile(r"<(?=(?:\w+:)?(?:tspan|flowPara)\s[^<>]*\b[xy]\s*=)")


def drawing_of(source: str) -> Page:
    """Return the text of a drawing, and its title."""
    source = _EXCUSE.sub("", _UNSEEN.sub("", source))
    source = _without_second_choices(source)
    parts, title = [], None
    for found in _SHOWN.finditer(source):
        # lines of one text are elements with a place of their own
        text = page_of(f"<svg>{_LINE.sub(' <', found['inside'])}</svg>").text.strip()
        if found["kind"] == "title" and title is None:
            title = text
        parts.append(text)
    return Page("\n".join(filter(None, parts)), title or None)


def _without_second_choices(source: str) -> str:
    parts, at = [], 0
    for found in _CHOICE.finditer(source):
        if found.start() < at:
            continue
        parts.append(source[at : found.end()])
        end = source.find("</switch", found.end())
        at = len(source) if end < 0 else end
    return "".join([*parts, source[at:]])
