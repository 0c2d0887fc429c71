"""The same texts as files and as mail: recall and false alarms, learned from seeds of one form.

``python -m benchmarks.carriers`` draws a category of a real corpus, writes its tested texts as
plain text, Word, mail of several kinds, Outlook's message and mailbox, reads them as a crawl does,
and scores them with a version learned from 50 seeds and everyday content of one form alone. It
measures and asserts nothing.
"""

import argparse
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.message import EmailMessage
from html import escape

import numpy as np
import pyarrow as pa

from benchmarks.corpora import Category, categories
from benchmarks.quality import Draw, draw
from cultivar.content.documents.parsing import parse
from cultivar.content.limits import Limits
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.encoder import load
from tests.content.compound import outlook_message

_STYLE = (
    "<html><head><style><!-- @font-face {font-family:Wingdings; panose-1:2 11 5 3 2 0 0 2;} "
    "p.MsoNormal {margin:0cm; text-align:justify; font-family:Calibri;} a:link {color:#0563C1;} "
    "--></style></head><body><div class=WordSection1>"
)
_LEGAL = (
    "This message is confidential and intended for the recipient alone. If you have received this "
    "message in error, notify the sender and delete it."
)


def _paragraphs(text: str) -> list[str]:
    # Word's XML takes no control characters.
    text = "".join(each if each.isprintable() or each in "\n\t" else " " for each in text)
    return [line for line in text.splitlines() if line.strip()] or [text]


def _head() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ada Writer <ada@example.org>", "Bo Reader <bo@example.org>"
    # One subject for all: a number of its own would tell tested texts and seeds by their order.
    message["Date"], message["Subject"] = "Tue, 02 May 2023 10:00:00 +0200", "Message"
    return message


def _txt(text: str, _number: int) -> bytes:
    return text.encode()


def _docx(text: str, _number: int) -> bytes:
    import docx  # noqa: PLC0415

    document, target = docx.Document(), io.BytesIO()
    document.sections[0].header.paragraphs[0].text = "Archive of the organisation, for internal use"
    for line in _paragraphs(text):
        document.add_paragraph(line)
    document.save(target)
    return target.getvalue()


def _plain(text: str, _number: int) -> bytes:
    message = _head()
    message.set_content(text)
    return bytes(message)


def _html(text: str, _number: int) -> bytes:
    message = _head()
    shown = "".join(f"<p class=MsoNormal>{escape(line)}</p>" for line in _paragraphs(text))
    message.set_content(f"{_STYLE}{shown}</div></body></html>", subtype="html")
    return bytes(message)


def _msg(text: str, _number: int) -> bytes:
    return outlook_message("Message", text)


def _mbox(text: str, number: int) -> bytes:
    body = _plain(text, number).replace(b"\nFrom ", b"\n>From ")
    return b"From ada@example.org Tue May  2 10:00:00 2023\n" + body + b"\n"


def _forwarded(text: str, _number: int) -> bytes:
    inner, message = _head(), _head()
    inner.set_content(text)
    message.set_content("For your information.\n\n-- \nAda Writer\nArchive, third floor")
    message.add_attachment(inner)
    return bytes(message)


def _passed_on(text: str, _number: int) -> bytes:
    message = _head()
    del message["Subject"]
    message["Subject"] = "Fwd: Message"
    head = "From: Cy <cy@example.org>\nDate: Mon, 1 May 2023\nSubject: Message\nTo: Ada <ada@x.org>"
    message.set_content(f"See below.\n\n---------- Forwarded message ---------\n{head}\n\n{text}")
    return bytes(message)


def _answered(text: str, number: int) -> bytes:
    message = _head()
    quoted = "\n".join(f"> {line}" for line in _paragraphs(_OTHER[number % len(_OTHER)])[:20])
    wrote = "On Mon, 1 May 2023 at 09:00, Cy <cy@example.org> wrote:"
    message.set_content(f"{text}\n\n{_LEGAL}\n\n{wrote}\n{quoted}\n")
    return bytes(message)


_OTHER = ["an answer to nothing"]
FORMS: dict[str, tuple[str, Callable[[str, int], bytes]]] = {
    "txt": ("a.txt", _txt),
    "docx": ("a.docx", _docx),
    "mail": ("a.eml", _plain),
    "mail, HTML": ("a.eml", _html),
    "Outlook": ("a.msg", _msg),
    "mailbox": ("a.mbox", _mbox),
    "attached": ("a.eml", _forwarded),
    "passed on": ("a.eml", _passed_on),
    "answered": ("a.eml", _answered),
}


def read_as(form: str, texts: Sequence[str], *, whole: bool = False) -> pa.Array:
    """Return what counts of texts that were written in a form and read; or all that is shown."""
    name, write = FORMS[form]
    found = []
    for number, text in enumerate(texts):
        [item] = parse(name, write(text, number), Limits())
        found.append((item.text if whole else item.own_text or item.text) or "")
    return pa.array(found, pa.large_string())


def _learned(category: Category, drawn: Draw, form: str, whole: bool) -> Model:
    seeds, unlabelled = (
        pa.table({"text": read_as(form, category.texts[rows].tolist(), whole=whole)})
        for rows in (drawn.seeds, drawn.unlabelled)
    )
    frequencies = document_frequencies(unlabelled.column("text"))
    given = TrainingInput(seeds, unlabelled, frequencies, None, len(unlabelled), 0)
    return train(given, load())


def measured(category: Category, form: str, seeds: int, *, whole: bool = False) -> None:
    """Print recall and false alarms in each form, learned from one."""
    drawn = draw(category, seeds, 0.05, 0)
    if drawn is None:
        return
    drawn = replace(drawn, unlabelled=drawn.unlabelled[:1_000])
    _OTHER[:] = category.texts[drawn.unlabelled[:50]].tolist()
    model = _learned(category, drawn, form, whole)
    figures = []
    for other in FORMS:
        scores = model.score(read_as(other, category.texts[drawn.tested].tolist(), whole=whole))
        matched = np.asarray(scores) >= np.float32(model.threshold)
        recall, wrong = matched[drawn.relevant].mean(), matched[~drawn.relevant].mean()
        figures.append(f"{other} {recall:.3f} ({wrong:.3f})")
    kind = "all that is shown" if whole else "own words"
    print(f"{category.corpus}/{category.name}, from {form}, {kind}: {', '.join(figures)}")


def main() -> None:
    """Measure a few categories, learned from files and from mail."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.carriers", description=__doc__)
    parser.add_argument("--corpora", nargs="+", default=["cfpb_complaints", "agnews_test"])
    parser.add_argument("--categories", type=int, default=2, help="of each corpus")
    parser.add_argument("--forms", nargs="+", default=["txt", "mail, HTML"], choices=list(FORMS))
    parser.add_argument("--seeds", type=int, default=50)
    options = parser.parse_args()
    for corpus in options.corpora:
        for category in list(categories((corpus,)))[: options.categories]:
            for form in options.forms:
                for whole in (False, True):
                    measured(category, form, options.seeds, whole=whole)


if __name__ == "__main__":
    main()
