"""Charsets that are declared wrongly, and mailboxes whose programs leave out blank lines."""

import zipfile
from pathlib import Path

import pytest

from cultivar.content.documents.characters.charsets import decoded
from cultivar.content.documents.mailboxes import messages_of
from tests.content.conftest import Crawler

JAPANESE = "契約書を更新しました。ご確認ください。"


@pytest.mark.parametrize(
    ("text", "encoding"), [(JAPANESE, "cp932"), ("Kündigung für übermorgen: größer", "cp1252")]
)
def test_where_most_is_lost_by_what_is_declared_it_is_guessed(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    found = decoded(data, "utf-8", lambda given: given.decode(encoding))
    assert (found.text, found.lost, found.is_guess) == (text, 0, True)


def test_one_bad_byte_does_not_turn_a_declaration_down() -> None:
    data = JAPANESE.encode("euc_jp") + b"\xff"
    found = decoded(data, "euc-jp", lambda given: given.decode("latin-1"))
    assert found.text.startswith(JAPANESE)
    assert found.lost == 1


def test_a_message_begins_without_a_blank_line_where_only_a_mail_follows() -> None:
    mailbox = (
        b"From a@x.org Tue May  2 09:00:00 2023\nSubject: one\nFrom: a@x.org\n\nthe first\n"
        b"From b@x.org Tue May  2 10:00:00 2023\nSubject: two\nFrom: b@x.org\n\nthe second\n"
        b"From here on, Tue May  2 10:00:00 2023\nwe stay: in the office.\n"
    )
    found = list(messages_of(mailbox))
    assert len(found) == 2
    assert b"the second" in found[1]
    assert b"From here on" in found[1]


def test_the_mails_of_a_maildir_are_read_and_nothing_else_of_it(
    content: Path, crawled: Crawler
) -> None:
    mail = b"Message-ID: <1@x>\nSubject: the offer\nFrom: a@x.org\n\nThe words of the offer.\n"
    files = {
        "mail/cur/1489761345.M12P34.host:2,RS": mail,
        "mail/new/1489761346.M12P35.host": mail.replace(b"1@x", b"2@x"),
        "mail/.Sent/cur/1489761347_0.host,S=120:2,": mail.replace(b"1@x", b"3@x"),
        "mail/cur/dovecot": b"\0\1 binary index",
        "new/readme": b"no mail at all",
        "new/notes.txt": b"notes of what is new",
        "mail/subscriptions": b"Sent\n",
    }
    for name, data in files.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_bytes(data)
    with zipfile.ZipFile(content / "pack.zip", "w") as archive:
        archive.writestr("mail/cur/1489761348.host:2,S", mail.replace(b"1@x", b"4@x"))
    rows = crawled().rows
    mails = {row["message_id"] for row in rows.values() if row["status"] == "ok"} - {None}
    assert mails == {"1@x", "2@x", "3@x", "4@x"}
    assert {row["title"] for row in rows.values() if row["message_id"]} == {"the offer"}
    for path in ("mail/cur/dovecot", "new/readme", "mail/subscriptions"):
        assert rows[path]["status"] == "unsupported"
        assert rows[path]["reason"].startswith("a file without an extension")
    assert rows["new/notes.txt"]["text"] == "notes of what is new"


@pytest.mark.parametrize(
    ("name", "instead"),
    [("a.7z", "pack it as zip"), ("a.pst", "as mbox, eml or msg"), ("a.tar", "pack it as zip")],
)
def test_what_is_not_read_says_what_to_do(
    content: Path, crawled: Crawler, name: str, instead: str
) -> None:
    (content / name).write_bytes(b"7z\xbc\xaf\x27\x1c")
    row = crawled().rows[name]
    assert row["status"] == "unsupported"
    assert instead in row["reason"]
