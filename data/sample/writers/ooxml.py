"""Writes Word, Excel and PowerPoint files as the smallest packages that their readers accept.

It lays out text only: no macros, no images, no themes beyond what PowerPoint insists on.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from data.sample.document import Block, Document, plain_line
from data.sample.writers.package import pack, xml
from data.sample.writers.slides import slide_furniture, slide_xml

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MEDIA = "application/vnd.openxmlformats-officedocument"
_NUMBER = re.compile(r"[1-9]\d{0,5}")

_STYLES = f"""{_HEAD}<w:styles xmlns:w="{_WORD}">
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/>
<w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>
<w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>
<w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="30"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/>
<w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/>
<w:basedOn w:val="Normal"/><w:pPr><w:ind w:left="360"/></w:pPr></w:style>
</w:styles>"""


def write_docx(document: Document) -> bytes:
    """A Word document with headings, lists, tables and core properties."""
    title = [Block("heading", document.title, 0)] if document.title else []
    body = "".join(_word_blocks([*title, *document.blocks]))
    main = (
        f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    parts = {
        "word/document.xml": (f"{_MEDIA}.wordprocessingml.document.main+xml", main),
        "word/styles.xml": (f"{_MEDIA}.wordprocessingml.styles+xml", _STYLES),
    }
    return pack(_package(document, parts, {"word/document.xml": [("styles", "styles.xml")]}))


def _word_blocks(blocks: Iterable[Block]) -> Iterable[str]:
    for is_table, group in groupby(blocks, key=lambda block: block.kind == "row"):
        if is_table:
            yield _word_table([block.cells for block in group])
        else:
            yield from (_word_paragraph(block) for block in group)


def _word_paragraph(block: Block) -> str:
    style = {"item": "ListBullet"}.get(block.kind, "")
    if block.kind == "heading":
        style = ("Title", "Heading1", "Heading2")[min(block.level, 2)]
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{_word_run(block.text)}</w:p>"


def _word_run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{xml(text)}</w:t></w:r>' if text else ""


def _word_table(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    grid = "<w:gridCol/>" * width
    lines = "".join(
        "<w:tr>"
        + "".join(f"<w:tc><w:p>{_word_run(cell)}</w:p></w:tc>" for cell in _padded(row, width))
        + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl><w:p/>"


def _padded(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))


def write_xlsx(document: Document) -> bytes:
    """A workbook of one sheet, one row a block; whole numbers are numbers."""
    rows = [[document.title]] + [
        block.cells if block.kind == "row" else [plain_line(block)] for block in document.blocks
    ]
    data = "".join(_sheet_row(number, row) for number, row in enumerate(rows, 1))
    book = (
        f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    sheet = f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{data}</sheetData></worksheet>'
    parts = {
        "xl/workbook.xml": (f"{_MEDIA}.spreadsheetml.sheet.main+xml", book),
        "xl/worksheets/sheet1.xml": (f"{_MEDIA}.spreadsheetml.worksheet+xml", sheet),
    }
    related = {"xl/workbook.xml": [("worksheet", "worksheets/sheet1.xml")]}
    return pack(_package(document, parts, related))


def _sheet_row(number: int, row: list[str]) -> str:
    cells = "".join(
        _sheet_cell(f"{chr(65 + column)}{number}", text) for column, text in enumerate(row) if text
    )
    return f'<row r="{number}">{cells}</row>'


def _sheet_cell(place: str, text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f'<c r="{place}"><v>{text}</v></c>'
    inline = f'<is><t xml:space="preserve">{xml(text)}</t></is>'
    return f'<c r="{place}" t="inlineStr">{inline}</c>'


def write_pptx(document: Document) -> bytes:
    """A presentation: a title slide, then a slide for each heading."""
    slides = [slide_xml(title, lines) for title, lines in _slides(document)]
    numbers = range(1, len(slides) + 1)
    parts, related = slide_furniture(len(slides))
    for number, slide in zip(numbers, slides, strict=True):
        name = f"ppt/slides/slide{number}.xml"
        parts[name] = (f"{_MEDIA}.presentationml.slide+xml", _HEAD + slide)
        related[name] = [("slideLayout", "../slideLayouts/slideLayout1.xml")]
    return pack(_package(document, parts, related))


def _slides(document: Document) -> list[tuple[str, list[str]]]:
    slides: list[tuple[str, list[str]]] = [(document.title, [])]
    for block in document.blocks:
        if block.kind == "heading":
            slides.append((block.text, []))
        elif block.kind != "gap":
            slides[-1][1].append("  ".join(block.cells) if block.kind == "row" else block.text)
    return slides


def _package(
    document: Document,
    parts: dict[str, tuple[str, str]],
    related: dict[str, list[tuple[str, str]]],
) -> Iterable[tuple[str, str]]:
    """Parts of a package: content types, relations, core properties, then the content."""
    main = next(iter(parts))
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, (kind, _) in parts.items()
    )
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType='
        f'"application/vnd.openxmlformats-package.core-properties+xml"/>{overrides}</Types>',
    )
    core = f"{_RELATIONS}/metadata/core-properties"
    yield (
        "_rels/.rels",
        f'{_HEAD}<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="{main}"/>'
        f'<Relationship Id="rId2" Type="{core}" Target="docProps/core.xml"/></Relationships>',
    )
    yield "docProps/core.xml", _core_properties(document)
    for name, (_, content) in parts.items():
        yield name, content
        if name in related:
            folder, _, file = name.rpartition("/")
            yield f"{folder}/_rels/{file}.rels", _relations(related[name])


def _relations(targets: list[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{links}</Relationships>'


def _core_properties(document: Document) -> str:
    def stamp(name: str, value: str) -> str:
        return f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{value}</dcterms:{name}>'

    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_RELATIONS.replace("relationships", "metadata")}'
        '/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{xml(document.title)}</dc:title><dc:creator>{xml(document.author.name)}"
        f"</dc:creator>{stamp('created', f'{document.created:%Y-%m-%dT%H:%M:%SZ}')}"
        f"{stamp('modified', f'{document.modified:%Y-%m-%dT%H:%M:%SZ}')}</cp:coreProperties>"
    )
