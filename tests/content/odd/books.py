"""Odd books and drawings, and texts that stand in for pictures in Office files."""

import re
from collections.abc import Iterator

from tests.content import samples
from tests.content.odd.expected import TEXTS, Odd, charsets, in_charset
from tests.content.odd.office import rewritten
from tests.content.samples import SENTENCE

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/b.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
_SEALED = (
    '<encryption><e:EncryptedData xmlns:e="u"><e:CipherData><e:CipherReference URI="OEBPS/{0}"/>'
    "</e:CipherData></e:EncryptedData></encryption>"
)
_PAGE = "<html><head><title>T</title><style>.stylename{{}}</style></head><body><p>{0}</p></body>"
_NEVER = ("stylename", "scriptname", "noiseword", "\ufffd", "firstwordsecondword")
Chapters = dict[str, str | bytes]


def books() -> Iterator[Odd]:
    """Yield books, drawings, and Office files whose pictures have a text."""
    yield from _books()
    yield from _sealed_books()
    yield from _drawings()
    yield from _pictures()


def book(chapters: Chapters, extra: dict[str, str] | None = None, **written: str) -> bytes:
    """Return an EPUB; ``order`` lists its chapters by number, ``items`` takes their place."""
    listed = "".join(
        f'<item id="c{at}" href="{name}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(chapters)
    )
    order = written.get("order") or " ".join(map(str, range(len(chapters))))
    spine = "".join(f'<itemref idref="c{each}"/>' for each in order.split())
    described = (
        '<?xml version="1.0"?><!DOCTYPE package PUBLIC "x" "y"><package><metadata>'
        "<dc:title>Titleword</dc:title><dc:date>2021-04-09</dc:date></metadata>"
        f"<manifest>{listed}{written.get('items', '')}</manifest><spine>{spine}</spine></package>"
    )
    parts: dict[str, str | bytes] = {"mimetype": "application/epub+zip"}
    parts |= {"META-INF/container.xml": _CONTAINER, "OEBPS/b.opf": described}
    parts |= {f"OEBPS/{name}".replace("%20", " "): text for name, text in chapters.items()}
    parts |= extra or {}
    return samples.zip_file(
        {name: text.encode() if isinstance(text, str) else text for name, text in parts.items()}
    )


def _books() -> Iterator[Odd]:
    two: Chapters = {"z 1.xhtml".replace(" ", "%20"): _PAGE.format("firstword")}
    two["a.html"] = _PAGE.format("secondword &eacute;nde")
    yield Odd("two.epub", book(two), ("firstword secondword énde",), _NEVER)
    yield Odd("turned.epub", book(two, order="1 0"), ("énde firstword",), _NEVER)
    yield Odd("beyond-order.epub", book(two, order="1"), ("énde firstword",), _NEVER)
    for name in ("book-without-extension", "book.docx", "book.zip"):
        yield Odd(name, book(two), ("firstword secondword",), _NEVER)
    whole = book(two)
    for part, name in (("mimetype", "mimetype"), ("META-INF/container.xml", "container")):
        left = samples.without_member(whole, part)
        yield Odd(f"without-{name}.epub", left, ("firstword secondword",), _NEVER)
    for charset, language in charsets():
        start = f'<?xml version="1.0" encoding="{charset}"?><html><body><p>'.encode()
        chapter = start + in_charset(language, charset) + b"</p></body></html>"
        yield Odd(f"{charset}-{language}.epub", book({"a.xhtml": chapter}), (TEXTS[language],))
    drawn = '<item id="d" href="d.svg" media-type="image/svg+xml"/>'
    figure = {"OEBPS/d.svg": "<svg><text>drawnword</text></svg>"}
    yield Odd("figure-beside.epub", book(two, figure, items=drawn), ("firstword",), ("drawnword",))
    deep = "<div>" * 20_000 + "deepword" + "</div>" * 20_000
    yield Odd("deep.epub", book({"a.xhtml": deep}), ("deepword",))
    toc = '<item id="n" href="n.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    contents = {"OEBPS/n.xhtml": _PAGE.format("noiseword")}
    yield Odd("contents.epub", book(two, contents, items=toc), ("firstword",), _NEVER)


def _sealed_books() -> Iterator[Odd]:
    two: Chapters = {"a.xhtml": _PAGE.format("firstword"), "b.xhtml": _PAGE.format("secondword")}
    one: Chapters = {"a.xhtml": bytes(range(256)) * 4}
    path = "META-INF/encryption.xml"
    yield Odd(
        "sealed.epub", book(one, {path: _SEALED.format("a.xhtml")}), (), status=("encrypted",)
    )
    partly = book(two, {path: _SEALED.format("a.xhtml")})
    yield Odd("partly-sealed.epub", partly, ("secondword",), ("firstword",), status=("partial",))
    yield Odd("sealed-font.epub", book(two, {path: _SEALED.format("f.otf")}), ("firstword",))
    noise: Chapters = {**two, "c.xhtml": bytes(range(256)) * 4}
    yield Odd("noise.epub", book(noise), ("firstword",), _NEVER, status=("partial",))
    absent = '<item id="c2" href="gone.xhtml" media-type="application/xhtml+xml"/>'
    lost = book(two, items=absent, order="0 1 2")
    yield Odd("absent.epub", lost, ("firstword",), status=("partial",))
    yield Odd("cut.epub", book(two)[:-80], (), status=("corrupt",))
    yield Odd("no-chapters.epub", book({}), (), status=("empty",))


def _drawings() -> Iterator[Odd]:
    first, second = "firstword", "secondword"
    cases = {
        "title": f"<title>{first}</title><desc>{second}</desc>",
        "texts": f"<text>{first}</text><text>{second}</text>",
        "lines": f"<text><tspan x='0'>{first}</tspan><tspan x='0' y='2'>{second}</tspan></text>",
        "runs": f"<text>{first} <tspan fill='red'>second</tspan>word</text>",
        "page": f"<foreignObject><div>{first}<br/>{second}</div></foreignObject>",
        "choice": f"<switch><foreignObject><p>{first}</p></foreignObject><text>noiseword</text>"
        f"</switch><text>{second}</text>",
        "excuse": f"<text>{first} {second}</text><switch><g requiredFeatures='f'/><a><text>"
        "noiseword</text></a></switch>",
        "verbatim": f"<text><![CDATA[{first}]]></text><desc>{second}</desc>",
        "unseen": "<metadata><r>noiseword</r></metadata><style>stylename</style><script>scriptname"
        f"</script><!-- <text>noiseword</text> --><style/><text>{first} {second}</text>",
        "unclosed": f"<text>{first}</text><text>{second}",
    }
    for name, inside in cases.items():
        for kind in ("svg", "html"):
            if kind == "svg" or name in {"title", "texts", "runs"}:
                data = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()
                yield Odd(f"drawn-{name}.{kind}", data, (first, second), _NEVER[1:])
    for charset, language in charsets():
        start = f'<?xml version="1.0" encoding="{charset}"?><svg><text>'.encode()
        data = start + in_charset(language, charset) + b"</text></svg>"
        yield Odd(f"drawn-{charset}-{language}.svg", data, (TEXTS[language],))
    prefixed = f"<q:svg xmlns:q='u'><q:text>{first}</q:text><q:desc>{second}</q:desc></q:svg>"
    yield Odd("drawn-prefixed.svg", prefixed.encode(), (first, second))
    yield Odd("drawn-empty.svg", b"<svg><path d='M0 0'/></svg>", (), status=("empty",))
    yield Odd("drawn-noise.svg", bytes(range(256)) * 4, (), status=("corrupt",))


def _pictures() -> Iterator[Odd]:
    made = {
        "docx": (samples.docx_file, "word/document.xml", "</w:body>", _INLINE),
        "pptx": (samples.pptx_file, "ppt/slides/slide1.xml", "</p:spTree>", _ON_SLIDE),
        "odt": (samples.odt_file, "content.xml", "</office:text>", _IN_ODF),
        "odp": (samples.odp_file, "content.xml", "</draw:page>", _IN_ODF),
        "ods": (samples.ods_file, "content.xml", "</table:table>", _IN_ODF),
    }
    for kind, (make, part, before, picture) in made.items():
        for language in ("de", "ko"):
            text = TEXTS[language]

            def pictured(
                name: str, data: bytes, part: str = part, before: str = before,
                shown: str = picture.format(text),
            ) -> tuple[str, bytes]:  # fmt: skip
                return name, _inserted(data, shown, before) if name == part else data

            words = (SENTENCE, text, "shorttitle")
            never = ("Picture 7", "[Image", "logo.png", "shorttitle" + text)
            yield Odd(f"pictured-{language}.{kind}", rewritten(make(), pictured), words, never)
    drawing = (
        b'<xdr:wsDr xmlns:xdr="u"><xdr:cNvPr id="2" name="Picture 7" descr="altword"/></xdr:wsDr>'
    )
    extra = {"xl/drawings/drawing1.xml": drawing}
    sheet = rewritten(samples.xlsx_file(), lambda name, part: (name, part), extra)
    yield Odd("pictured.xlsx", sheet, (SENTENCE, "altword"), ("Picture 7",))


def _inserted(data: bytes, shown: str, before: str) -> bytes:
    return re.sub(before.encode(), lambda found: shown.encode() + found[0], data, count=1)


_INLINE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="urn:wp"><wp:docPr id="1" name="Picture 7" '
    'title="shorttitle" descr="{0}"/></wp:inline></w:drawing></w:r><w:r><w:drawing><wp:inline '
    'xmlns:wp="urn:wp"><wp:docPr id="2" name="Picture 7" descr="logo.png"/></wp:inline></w:drawing>'
    "</w:r></w:p>"
)
_ON_SLIDE = (
    '<p:pic><p:nvPicPr><p:cNvPr id="9" name="Picture 7" title="shorttitle" descr="{0}"/>'
    "<p:cNvPicPr/><p:nvPr/></p:nvPicPr></p:pic>"
)
_IN_ODF = (
    '<text:p>beforeword<draw:frame xmlns:svg="urn:svg"><svg:title>shorttitle</svg:title>'
    "<svg:desc>{0}</svg:desc></draw:frame>afterword</text:p>"
)
