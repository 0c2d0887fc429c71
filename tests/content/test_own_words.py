"""What counts of a text is what its author wrote, however it came; what is shown is all of it."""

from pathlib import Path

import fpdf
import pytest

from benchmarks.carriers import FORMS
from cultivar.content.documents.page_furniture import without_furniture
from cultivar.content.mail.own_words import own_words
from tests.content.conftest import Crawler

TEXTS = (
    "Dear all,\n\nthe supplier delivers the goods within thirty days.\n\nFrom June on it is less.",
    "계약 해지 통지서를 보내 드립니다.\n\n지불 기한은 유월 말입니다.",
    "Der Vertrag endet am 30. Juni.\n\nBitte bestätigen Sie die Kündigung: schriftlich.",
)
HEAD = "From: Cy <cy@example.org>\nSent: Monday, 1 May 2023\nTo: Ada\nSubject: the offer\n\n"
WIDE = "好的。\n\n发件人: Cy\n发送时间: 5月\n收件人: Ada\n主题: x\n\n问题"
LEGAL = (
    "This e-mail is confidential. If you are not the intended recipient, notify the sender and "
    "delete it."
)


def test_a_text_counts_the_same_in_every_form(content: Path, crawled: Crawler) -> None:
    for form, (name, write) in FORMS.items():
        for number, text in enumerate(TEXTS):
            (content / f"{form}-{number}.{name.partition('.')[2]}").write_bytes(write(text, number))
    rows = crawled().rows
    assert len(rows) == len(FORMS) * len(TEXTS)
    for form in FORMS:
        for number, text in enumerate(TEXTS):
            [row] = [row for path, row in rows.items() if path.startswith(f"{form}-{number}.")]
            counted = (row["own_text"] or row["text"]).split()
            besides = {"Message", str(number), "See", "below.", "For", "your", "information."}
            assert row["status"] == "ok", row["path"]
            assert set(text.split()) <= set(counted), row["path"]
            assert set(counted) <= set(text.split()) | besides, row["path"]
            assert set(counted) <= set(row["text"].split()), row["path"]


def test_a_short_mail_is_a_near_copy_of_its_text_in_any_form(
    content: Path, crawled: Crawler
) -> None:
    text = " ".join(f"word{number} of it" for number in range(24))
    for form, (name, write) in FORMS.items():
        (content / f"{form}.{name.partition('.')[2]}").write_bytes(write(text, 0))
    rows = crawled().rows.values()
    copies = [row["duplicate_of"] or row["near_duplicate_of"] for row in rows]
    assert copies.count(None) == 1


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Yes.\n\n> asked\n> twice", "Yes."),
        ("> asked\n\nYes.\n\n> more\n\nNo.", "Yes.\n\n\nNo."),
        ("Yes.\n\nOn Mon, 1 May 2023, Ada wrote:\n> asked", "Yes."),
        ("Yes.\n\nOn Mon, 1 May 2023 at 10:00 Ada Lovelace\n<ada@x.org> wrote:\n> asked", "Yes."),
        ("Ja.\n\nAm 1. Mai 2023 schrieb Ada:\n> Frage", "Ja."),
        ("네.\n\n2023년 5월 1일, Ada 님이 작성:\n> 질문", "네."),
        (f"Yes.\n\n-----Original Message-----\n{HEAD}asked", "Yes."),
        (f"Yes.\n\n{HEAD}asked", "Yes."),
        (f"Yes.\n\n________________________________\n{HEAD}asked", "Yes."),
        ("Ja.\n\nVon: Cy\nGesendet: Montag\nAn: Ada\nBetreff: x\n\nFrage", "Ja."),
        (WIDE.replace(":", "\N{FULLWIDTH COLON}"), "好的。"),
        ("Yes.\n-- \nAda\nArchive, third floor", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        (f"Yes.\n\n{LEGAL}", "Yes."),
        ("Yes.\n____________________\nA mailing list\nUnsubscribe: http://x.example", "Yes."),
        ("Yes.\n\nhttp://lists.example/listinfo/x", "Yes."),
        ("Yes.\n\nUnsubscribe | Manage preferences", "Yes."),
        ("Yes.\n\nTo unsubscribe: a@x.org\n\nYour use of Groups is subject to http://x", "Yes."),
        (f"---------- Forwarded message ---------\n{HEAD}the offer itself", "the offer itself"),
        (f"See below.\n\nBegin forwarded message:\n\n{HEAD}the offer", "See below.\n\nthe offer"),
    ],
)
def test_what_others_wrote_does_not_count(body: str, own: str) -> None:
    assert own_words(body).split() == own.split()


def test_a_mail_that_is_passed_on_counts_by_its_subject() -> None:
    assert own_words(f"{HEAD}the offer itself", "FW: the offer") == "the offer itself"
    quoted = f"See below.\n\n-----Original Message-----\n{HEAD}the offer itself"
    for reply in ("Re: x", "AW: x", "[list] RE[2]: x", "答复\N{FULLWIDTH COLON}x"):
        assert own_words(quoted, reply) == "See below."
    assert own_words(quoted, "An article").split() == ["See", "below.", "the", "offer", "itself"]
    thread = quoted.replace("the offer itself", f"asked\n\n{HEAD}earlier")
    assert own_words(thread, "FW: x").split() == ["See", "below.", "asked", "earlier"]
    answered = thread.replace("Subject: the offer", "Subject: Re: the offer", 1)
    assert own_words(answered, "FW: x").split() == ["See", "below.", "asked"]


def test_a_mail_that_was_saved_as_text_counts_as_a_mail(content: Path, crawled: Crawler) -> None:
    quoted = "In article <1@x> ada@x.org (Ada) writes:\n>asked"
    (content / "post.txt").write_text(f"Subject: Re: the offer\n\n{quoted}\n\nYes.\n-- \nBo")
    (content / "notes.md").write_text("As Ada says:\n\n> a rule of ours\n\nit holds.")
    post = (content / "post.txt").read_text()
    (content / "post.docx").write_bytes(FORMS["docx"][1](post, 0))
    rows = crawled().rows
    for name in ("post.txt", "post.docx"):
        assert rows[name]["own_text"].split() == ["Subject:", "Re:", "the", "offer", "Yes."]
    assert rows["notes.md"]["own_text"] is None


@pytest.mark.parametrize(
    "body",
    [
        "The tariff changes from June: see the table.\n\nFrom: the first\n\nTo: the last day.",
        "Our offer is confidential, and that is all that there is to say about it.",
        "Prices:\n-----\none\n-----\ntwo",
        "Dear all,\n\nplease note: a > b and b > c.",
        "> only what was quoted",
        "News\n--------------------\nTo unsubscribe see below.\n" + "One more headline.\n" * 20,
        "Dear all,\n\nhow do I unsubscribe from the mailing list?",
    ],
)
def test_what_looks_alike_counts(body: str) -> None:
    assert own_words(body).split() == body.split()


def _pages(texts: list[str], *, header: bool = True) -> bytes:
    class Paper(fpdf.FPDF):
        def header(self) -> None:
            if header:
                name = "Quarterly report" if self.page_no() % 2 else "The accounts of Acme"
                self.cell(0, 6, name, new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-15)
            self.cell(0, 6, f"Confidential, page {self.page_no() + 4} of {len(texts) + 4}")

    paper = Paper()
    paper.set_font("Helvetica", size=11)
    for text in texts:
        paper.add_page()
        paper.multi_cell(0, 6, text)
    return bytes(paper.output())


def test_the_furniture_of_pages_does_not_count(content: Path, crawled: Crawler) -> None:
    texts = [f"Part {n * n} of the agreement of the parties.\nTotal: {n * 37}" for n in range(2, 9)]
    (content / "long.pdf").write_bytes(_pages(texts))
    (content / "short.pdf").write_bytes(_pages(texts[:2]))
    rows = crawled().rows
    own = rows["long.pdf"]["own_text"]
    assert own.split() == " ".join(texts).split()
    assert "Confidential, page 5 of 11" in rows["long.pdf"]["text"]
    assert rows["short.pdf"]["own_text"] is None


@pytest.mark.parametrize(
    ("pages", "own"),
    [
        (["a\n1", "b\n2", "c\n3"], ["a", "b", "c"]),
        (["a\n7", "b\n9", "c\n2"], None),  # numbers that do not count the pages
        (["same", "same", "same"], ["", "", ""]),
        (["H\n\na", "H\n\nb", "c", "H\n\nd"], ["a", "b", "c", "d"]),
        (["a", "b"], None),
    ],
)
def test_a_line_is_furniture_where_most_pages_repeat_it(
    pages: list[str], own: list[str] | None
) -> None:
    assert without_furniture(pages) == own
