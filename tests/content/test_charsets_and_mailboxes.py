"""Charsets that are declared wrongly, and mailboxes whose programs leave out blank lines."""

import pytest

from cultivar.content.documents.charsets import decoded
from cultivar.content.documents.mailboxes import messages_of

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
