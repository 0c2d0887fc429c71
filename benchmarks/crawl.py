"""Documents read a second, and the time of a crawl in which nothing changed.

``python -m benchmarks.crawl`` writes mixed office documents into a temporary folder and crawls
them; it measures this machine and asserts nothing.
"""

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pyarrow.parquet as pq

from cultivar.content.crawl.crawling import Summary, crawl
from cultivar.content.crawl.requests import Request
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.core.schemas import ITEMS

_VOCABULARY = [
    "".join(pair)
    for pair in zip(
        *[iter(random.Random(7).choices([a + b for a in "bdfgklmnprstv" for b in "aeiou"], k=9000))]
        * 3,
        strict=False,
    )
]


def paragraphs(generator: random.Random) -> list[str]:
    """Return the text of one document: 6 to 14 paragraphs of 20 to 80 words."""
    return [
        " ".join(generator.choices(_VOCABULARY, k=generator.randint(20, 80))).capitalize() + "."
        for _ in range(generator.randint(6, 14))
    ]


def write_docx(path: Path, text: list[str]) -> None:
    """Write a Word document with a heading, the text and a table."""
    import docx  # noqa: PLC0415

    document = docx.Document()
    document.add_heading(text[0][:40], level=1)
    for paragraph in text:
        document.add_paragraph(paragraph)
    table = document.add_table(rows=4, cols=3)
    for cell, word in zip(
        (c for row in table.rows for c in row.cells), text[1].split(), strict=False
    ):
        cell.text = word
    document.save(str(path))


def write_pdf(path: Path, text: list[str]) -> None:
    """Write a PDF of one or two pages."""
    import fpdf  # noqa: PLC0415

    document = fpdf.FPDF()
    document.add_page()
    document.set_font("Helvetica", size=11)
    for paragraph in text:
        document.multi_cell(0, 6, paragraph, new_x="LMARGIN", new_y="NEXT")
    document.output(str(path))


def write_xlsx(path: Path, text: list[str]) -> None:
    """Write a workbook of one sheet: words and numbers."""
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    for number, paragraph in enumerate(text):
        for at, word in enumerate(paragraph.split()[:40]):
            book.active.append([number, at, word, number * at / 3])
    book.save(path)


def write_pptx(path: Path, text: list[str]) -> None:
    """Write a presentation, one slide for two paragraphs."""
    import pptx  # noqa: PLC0415

    show = pptx.Presentation()
    for title, body in zip(text[::2], text[1::2], strict=False):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title[:50]
        slide.placeholders[1].text = body
    show.save(str(path))


def write_odt(path: Path, text: list[str]) -> None:
    """Write an OpenDocument text."""
    from odf.opendocument import OpenDocumentText  # noqa: PLC0415
    from odf.text import P  # noqa: PLC0415

    document = OpenDocumentText()
    for paragraph in text:
        document.text.addElement(P(text=paragraph))
    document.save(str(path))


def write_html(path: Path, text: list[str]) -> None:
    """Write a page with a heading and a list."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text)
    items = "".join(f"<li>{word}</li>" for word in text[0].split())
    head = f"<title>{text[0][:40]}</title>"
    path.write_text(f"<html><head>{head}</head><body>{body}<ul>{items}</ul></body></html>")


def write_eml(path: Path, text: list[str]) -> None:
    """Write a message of two alternatives and a small attachment."""
    message = EmailMessage()
    message["Subject"], message["From"] = text[0][:60], "a.writer@example.com"
    message["To"], message["Date"] = "b.reader@example.com", "Tue, 03 Mar 2026 09:15:00 +0100"
    message.set_content("\n\n".join(text))
    message.add_alternative("".join(f"<p>{one}</p>" for one in text), subtype="html")
    message.add_attachment(text[-1], filename="note.txt")
    path.write_bytes(bytes(message))


def write_text(path: Path, text: list[str]) -> None:
    """Write plain text or markdown."""
    path.write_text("\n\n".join(text))


def write_rtf(path: Path, text: list[str]) -> None:
    """Write rich text."""
    body = "".join(f"\\pard\\sa180\\f0 {paragraph}\\par\n" for paragraph in text)
    path.write_text("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Calibri;}}\n" + body + "}")


WRITERS: dict[str, Callable[[Path, list[str]], None]] = {
    "docx": write_docx,
    "pdf": write_pdf,
    "xlsx": write_xlsx,
    "pptx": write_pptx,
    "odt": write_odt,
    "html": write_html,
    "eml": write_eml,
    "txt": write_text,
    "md": write_text,
    "rtf": write_rtf,
}


def write_documents(folder: Path, count: int, kinds: list[str]) -> None:
    """Write ``count`` documents, the kinds in turn, fifty to a folder."""
    generator = random.Random(11)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        home = folder / f"library {number // 2500}" / f"folder {number // 50}"
        home.mkdir(parents=True, exist_ok=True)
        WRITERS[kind](home / f"document {number:06}.{kind}", paragraphs(generator))


def timed_crawl(
    folder: Path, workers: int, target: Path, previous: Path | None = None
) -> tuple[float, Summary]:
    """Crawl a folder into a Parquet file; return the seconds and the figures."""
    started = time.perf_counter()
    last = pq.ParquetFile(previous) if previous else None
    request = Request(Location("benchmark", str(folder)), last, Limits(workers=workers))
    with crawl(request) as outcome:
        if outcome.changed:
            with pq.ParquetWriter(target, ITEMS.arrow, compression="zstd") as writer:
                for batch in outcome.batches():
                    writer.write_batch(batch)
    return time.perf_counter() - started, outcome.summary


def _measure_mixed(scratch: Path, options: argparse.Namespace) -> None:
    folder = scratch / "mixed"
    write_documents(folder, options.documents, options.kinds)
    rates = []
    for _ in range(options.runs):
        seconds, summary = timed_crawl(folder, options.workers, scratch / "mixed.parquet")
        rates.append(summary.items / seconds)
    print(
        f"mixed, {options.documents:,} documents, {options.workers} workers: "
        f"{statistics.median(rates):,.0f} documents/s (runs: "
        f"{', '.join(f'{rate:,.0f}' for rate in rates)}), statuses {summary.by_status}"
    )


def _measure_unchanged(scratch: Path, options: argparse.Namespace) -> None:
    folder, items = scratch / "unchanged", scratch / "unchanged.parquet"
    write_documents(folder, options.unchanged, ["txt"])
    first, summary = timed_crawl(folder, options.workers, items)
    print(f"text, {summary.items:,} documents: {summary.items / first:,.0f} documents/s")
    again = [timed_crawl(folder, options.workers, items, items)[0] for _ in range(options.runs)]
    print(f"nothing changed, {options.unchanged:,} files: {statistics.median(again):.2f} s")
    (folder / "library 0" / "folder 0" / "one more.txt").write_text("a single new document")
    one, _ = timed_crawl(folder, options.workers, scratch / "one.parquet", items)
    print(f"one file added to {options.unchanged:,}: {one:.2f} s")


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def main() -> int:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=__doc__)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--unchanged", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=sorted(WRITERS), default=list(WRITERS))
    options = parser.parse_args()
    print(f"commit {_commit()}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
        if options.documents:
            _measure_mixed(Path(scratch), options)
        if options.unchanged:
            _measure_unchanged(Path(scratch), options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the crawling process: {peak:,.0f} MB (with the writers of documents)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
