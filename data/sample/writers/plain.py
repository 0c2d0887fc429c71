"""Writes plain text, Markdown, HTML and RTF.

Each keeps its own habits: line ends, encodings, tags and control words.
"""

from collections.abc import Iterable
from html import escape
from itertools import groupby

from data.sample.document import Block, Document


def write_txt(document: Document) -> bytes:
    """Plain text; old German and French files are Latin-1, some of the rest came from Windows."""
    lines = [document.title, "", *document.lines] if document.title else document.lines
    text = "\n".join(lines) + "\n"
    if document.key.endswith("3"):
        text = text.replace("\n", "\r\n")
    if document.language in ("de", "fr") and document.created.year < 2023:
        return text.encode("latin-1", "replace")
    return text.encode("utf-8-sig" if document.key.endswith("33") else "utf-8")


def write_md(document: Document) -> bytes:
    """Markdown with headings, lists and pipe tables."""
    lines = [f"# {document.title}", ""] if document.title else []
    for is_table, group in groupby(document.blocks, key=lambda block: block.kind == "row"):
        blocks = list(group)
        if is_table:
            lines += _markdown_table([block.cells for block in blocks])
        else:
            lines += [_markdown(block) for block in blocks]
    return ("\n".join(lines) + "\n").encode()


def _markdown(block: Block) -> str:
    if block.kind == "heading":
        return f"\n{'#' * max(block.level, 1)} {block.text}\n"
    if block.kind == "item":
        return f"- {block.text}"
    return f"{block.text}  " if block.text else ""


def _markdown_table(rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return ["", lines[0], "|" + " --- |" * len(rows[0]), *lines[1:], ""]


def write_html(document: Document) -> bytes:
    """A page with a title, author and date in its head."""
    return (
        f'<!DOCTYPE html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(document.title)}</title>\n"
        f'<meta name="author" content="{escape(document.author.name)}">\n'
        f'<meta name="date" content="{document.created:%Y-%m-%dT%H:%M:%SZ}">\n'
        f'<meta name="dcterms.created" content="{document.created:%Y-%m-%dT%H:%M:%SZ}">\n'
        "<style>body { font-family: sans-serif } td { padding: 2px 8px }</style>\n</head>\n<body>\n"
        f"<h1>{escape(document.title)}</h1>\n{html_body(document.blocks)}</body>\n</html>\n"
    ).encode()


def html_body(blocks: Iterable[Block]) -> str:
    """Blocks as HTML elements, one a line."""
    return "".join(f"{line}\n" for line in _elements(blocks))


def _elements(blocks: Iterable[Block]) -> Iterable[str]:
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        if kind == "row":
            yield f"<table>{''.join(_html_row(block.cells) for block in group)}</table>"
        elif kind == "item":
            yield f"<ul>{''.join(f'<li>{escape(block.text)}</li>' for block in group)}</ul>"
        elif kind == "heading":
            yield from (f"<h{max(b.level, 2)}>{escape(b.text)}</h{max(b.level, 2)}>" for b in group)
        elif kind == "text":
            yield from (f"<p>{escape(block.text)}</p>" for block in group)


def _html_row(cells: list[str]) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def write_rtf(document: Document) -> bytes:
    """Rich text with author and creation time in its info group."""
    created = document.created
    title = [Block("heading", document.title, 1)] if document.title else []
    body = "".join(_rtf_paragraph(block) for block in [*title, *document.blocks])
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Calibri;}}\n"
        f"{{\\info{{\\title {_rtf(document.title)}}}{{\\author {_rtf(document.author.name)}}}"
        f"{{\\creatim\\yr{created.year}\\mo{created.month}\\dy{created.day}"
        f"\\hr{created.hour}\\min{created.minute}}}}}\n{body}}}"
    ).encode("ascii")


def _rtf_paragraph(block: Block) -> str:
    if block.kind == "heading":
        return f"{{\\b\\fs28 {_rtf(block.text)}}}\\par\n"
    if block.kind == "item":
        return f"\\bullet  {_rtf(block.text)}\\par\n"
    if block.kind == "row":
        return "\\tab ".join(_rtf(cell) for cell in block.cells) + "\\par\n"
    return f"{_rtf(block.text)}\\par\n"


def _rtf(text: str) -> str:
    return "".join(_rtf_letter(letter) for letter in text)


def _rtf_letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    return letter if ord(letter) < 128 else f"\\u{ord(letter)}?"
