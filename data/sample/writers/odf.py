"""Writes OpenDocument text files.

It lays out text only, with the properties that hold author and dates.
"""

from collections.abc import Iterable
from itertools import groupby

from data.sample.document import Block, Document
from data.sample.writers.package import pack, xml

_MEDIA = "application/vnd.oasis.opendocument.text"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_odt(document: Document) -> bytes:
    """An OpenDocument text; the uncompressed media type comes first, as its readers expect."""
    return pack(
        [
            ("mimetype", _MEDIA),
            ("content.xml", _content(document)),
            ("styles.xml", _styles()),
            ("meta.xml", _meta(document)),
            ("META-INF/manifest.xml", _manifest()),
        ]
    )


def _content(document: Document) -> str:
    title = [Block("heading", document.title, 1)] if document.title else []
    body = "".join(_body([*title, *document.blocks]))
    return (
        f'{_HEAD}<office:document-content xmlns:office="{_OASIS}:office:1.0" '
        f'xmlns:text="{_OASIS}:text:1.0" xmlns:table="{_OASIS}:table:1.0" office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )


def _body(blocks: Iterable[Block]) -> Iterable[str]:
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        if kind == "row":
            yield _table([block.cells for block in group])
        elif kind == "item":
            items = (f"<text:list-item>{_paragraph(block)}</text:list-item>" for block in group)
            yield f"<text:list>{''.join(items)}</text:list>"
        else:
            yield from (_paragraph(block) for block in group)


def _paragraph(block: Block) -> str:
    if block.kind == "heading":
        level = max(block.level, 1)
        return f'<text:h text:outline-level="{level}">{xml(block.text)}</text:h>'
    return f"<text:p>{xml(block.text)}</text:p>"


def _table(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell><text:p>{xml(cell)}</text:p></table:table-cell>" for cell in row
        )
        + "<table:table-cell/>" * (width - len(row))
        + "</table:table-row>"
        for row in rows
    )
    columns = f'<table:table-column table:number-columns-repeated="{width}"/>'
    return f'<table:table table:name="Table">{columns}{lines}</table:table>'


def _styles() -> str:
    return (
        f'{_HEAD}<office:document-styles xmlns:office="{_OASIS}:office:1.0" '
        'office:version="1.2"><office:styles/></office:document-styles>'
    )


def _meta(document: Document) -> str:
    return (
        f'{_HEAD}<office:document-meta xmlns:office="{_OASIS}:office:1.0" '
        f'xmlns:meta="{_OASIS}:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'office:version="1.2"><office:meta>'
        f"<dc:title>{xml(document.title)}</dc:title>"
        f"<meta:initial-creator>{xml(document.author.name)}</meta:initial-creator>"
        f"<meta:creation-date>{document.created:%Y-%m-%dT%H:%M:%SZ}</meta:creation-date>"
        f"<dc:date>{document.modified:%Y-%m-%dT%H:%M:%SZ}</dc:date>"
        "</office:meta></office:document-meta>"
    )


def _manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (
            ("/", _MEDIA),
            ("content.xml", "text/xml"),
            ("styles.xml", "text/xml"),
            ("meta.xml", "text/xml"),
        )
    )
    return (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0" '
        f'manifest:version="1.2">{entries}</manifest:manifest>'
    )
