"""HTML and XML: which charset they declare, and the text of HTML as a browser lays it out.

Script, style and comments are never text; nesting may be of any depth. Pure: nothing is opened.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cultivar.content.documents.characters.charsets import REPLACEMENT, Decoded, Guess, decoded

# Browsers look no further for a declaration; Word writes one after some kilobytes of its own.
_DECLARED_WITHIN = 8_192
_IN_XML = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["'][^>]*\?>""", re.I)
_DECLARATION = '<?xml version="1.0"?>'
_IN_HTML = re.compile(r"""<meta\b[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_ATTRIBUTES = r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+"""
_TOKEN = re.compile(
    r"<!--(?!\[if[^>]*!)(?:>|->|.*?(?:-->|--!>|\Z))"
    r"|<!\[CDATA\[(?P<verbatim>.*?)(?:\]\]>|\Z)"
    rf"|<(?P<skipped>script|style)\b{_ATTRIBUTES}>.*?(?:</(?P=skipped)\s*>|\Z)"
    rf"|<(?P<name>/?[a-z][^\s/<>]*+)(?P<rest>{_ATTRIBUTES})>"
    r"|<(?P<loose>/?[a-z][^\s/<>]*+)[^<>]*+>"
    r"|<[!?/][^>]*+>",
    re.I | re.S,
)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")
_MARKUP = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>|<[^<>]*>\s*", re.S)
_BLANK = re.compile(r"[ \t\n\r\f]+")
_GAPS = re.compile(r"\n[ \t]*\n\s*")
_SEVERAL_BLANKS = re.compile(r"[ \t]{2,}")
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"}
    | {"dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"}
    | {"frameset", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu"}
    | {"nav", "noframes", "noscript", "option", "optgroup", "plaintext", "search", "section"}
    | {"select", "summary", "tbody", "template", "textarea", "tfoot", "thead", "title", "tr"}
    | {"v:textbox", "xmp", "br", "text", "desc", "flowroot", "flowpara"}
)
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol", "dl"}
)
_SPACE_AROUND = (
    dict.fromkeys(_BLOCKS, "\n") | dict.fromkeys(_PARAGRAPHS, "\n\n") | {"td": " ", "th": " "}
)
# Tags whose attributes say something.
_SPEAKING = frozenset({"img", "area", "input", "meta", "iframe"})
_AS_WRITTEN = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_WITHOUT_VALUE = frozenset({"hidden", "password", "checkbox", "radio", "file", "image"})
_CREATED = frozenset({"date", "dc.date", "dcterms.created", "dc.date.created"}) | {
    "article:published_time",
    "creation_date",
}
_QUOTES_MAIL = re.compile(r"""type\s*=\s*["']?cite|class\s*=\s*["']?[^"'>]*quote""", re.I)
_OPEN, _CLOSE = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class Page:
    """What an HTML page shows, and what it says of itself."""

    text: str
    title: str | None = None
    created: str | None = None


def markup_decoded(data: bytes, declared: str | None, guess: Guess) -> Decoded:
    """Return the characters of HTML or XML, by ``declared`` (of a mail) or its own declaration."""
    # Every charset that is declared inside shares these bytes with Latin-1, but for UTF-16.
    head = data[:_DECLARED_WITHIN].replace(b"\0", b"").decode("latin-1")
    found = _IN_XML.search(head) or _IN_HTML.search(head)
    inside = found[1] if found else None
    if inside and inside.casefold().startswith(("utf-16", "ucs-2", "unicode")):
        # Bytes in which it can be read so are of another charset.
        inside = "utf-16" if b"\0" in data[:64] else None
    return decoded(data, declared or inside or _wide(data), guess)


def _wide(data: bytes) -> str | None:
    """Return the charset of markup of two bytes a character without a byte order mark."""
    if data[:2] == b"<\0":
        return "utf-16-le"
    return "utf-16-be" if data[:2] == b"\0<" else None


def declared_anew(text: str) -> str:
    """Return XML that says of itself that it is, and not in which charset it once was."""
    text = _IN_XML.sub(_DECLARATION, text, count=1)
    # Without a declaration the library takes some roots for a web page.
    return text if text.lstrip()[:5].casefold() == "<?xml" else f"{_DECLARATION}\n{text}"


def page_of(source: str, *, marks_quotes: bool = False) -> Page:
    """Return the text of an HTML page, its title and the date that it states.

    With ``marks_quotes``, lines of a mail that is quoted begin with ``>``, as in plain mail.
    """
    writer = _Writer(marks_quotes)
    at = 0
    for token in _TOKEN.finditer(source):
        if token.start() > at:
            writer.text(source[at : token.start()])
        at = token.end()
        if token["verbatim"] is not None:
            writer.text(html.escape(token["verbatim"]))
        elif name := token["name"] or token["loose"]:
            writer.tag(name.casefold(), token["rest"] or "")
    if at < len(source):
        writer.text(source[at:])
    return Page(writer.written(), writer.title, writer.created)


def without_tags(source: str) -> str:
    """Return what stands between the tags of XML; what programs declare is left out."""
    return html.unescape(_MARKUP.sub("\n", source)).replace(REPLACEMENT, "").strip()


def attributes_in(tag: str) -> dict[str, str]:
    """Return the attributes of a tag by their names in small letters, the prefix included."""
    return {
        key.casefold(): html.unescape(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(tag)
    }


def _quoted(lines: Iterable[str]) -> Iterator[str]:
    depth = 0
    for line in lines:
        depth += line.count(_OPEN)
        shown = line.replace(_OPEN, "").replace(_CLOSE, "")
        yield f"{'>' * depth} {shown}" if depth and shown else shown
        depth = max(0, depth - line.count(_CLOSE))


class _Writer:
    """Lays text out in lines as tags ask for."""

    def __init__(self, marks_quotes: bool) -> None:
        self._marks_quotes = marks_quotes
        # Whether each block quote that is open quotes a mail, and does not merely indent.
        self._quotes: list[bool] = []
        self._parts: list[str] = []
        self._titles: list[str] = []
        self._in_title = self._in_drawing = False
        self._as_written = 0
        self.created: str | None = None

    @property
    def title(self) -> str | None:
        return _BLANK.sub(" ", html.unescape("".join(self._titles))).strip() or None

    def text(self, raw: str) -> None:
        if self._in_title:
            self._titles.append(raw)
            return
        shown = html.unescape(raw) if "&" in raw else raw
        if not self._as_written:
            shown = _BLANK.sub(" ", shown)
        if self._marks_quotes:
            shown = shown.replace(_OPEN, "").replace(_CLOSE, "")
        self._parts.append(shown)

    def tag(self, name: str, rest: str) -> None:
        closing = name.startswith("/")
        name = name.lstrip("/")
        if name == "svg":
            self._in_drawing = not closing
        if name == "title" and not self._in_drawing:
            self._in_title = not closing
            return
        if name in _AS_WRITTEN:
            self._as_written = max(0, self._as_written + (-1 if closing else 1))
        self._parts.append(_SPACE_AROUND.get(name, ""))
        if name == "blockquote" and self._marks_quotes:
            self._quote(rest, closing=closing)
        elif not closing and name in _SPEAKING:
            self._from_attributes(name, rest)

    def _quote(self, rest: str, *, closing: bool) -> None:
        if not closing:
            self._quotes.append(_QUOTES_MAIL.search(rest) is not None)
            self._parts.append(_OPEN if self._quotes[-1] else "")
        elif self._quotes and self._quotes.pop():
            self._parts.append(f"{_CLOSE}\n\n")

    def _from_attributes(self, name: str, rest: str) -> None:
        found = attributes_in(rest)
        if name == "meta":
            named = found.get("name") or found.get("property") or ""
            if named.casefold() in _CREATED and self.created is None:
                self.created = found.get("content")
        elif name == "input":
            if found.get("type", "text").casefold() not in _WITHOUT_VALUE:
                self._parts.append(f" {found.get('value', '')} ")
        elif name == "iframe":
            self._parts.append(f"\n{page_of(found['srcdoc']).text}\n" if "srcdoc" in found else "")
        else:
            self._parts.append(f" {found.get('alt', '')} ")

    def written(self) -> str:
        text = "".join(self._parts).replace("\u00ad", "").replace("\u00a0", " ")
        lines = [line.strip(" \t\r") for line in _GAPS.sub("\n\n", text).split("\n")]
        if _OPEN in text:
            lines = list(_quoted(lines))
        return _SEVERAL_BLANKS.sub(" ", "\n".join(lines)).strip()
