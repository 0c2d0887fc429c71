"""The ids of a mail and of its conversation, as mail programs write them."""

import pytest

from cultivar.content.documents.message_ids import ids_of


@pytest.mark.parametrize(
    ("head", "own", "thread"),
    [
        ("Message-ID: <a@x>", "a@x", "a@x"),
        ("MESSAGE-ID:<a@x>", "a@x", "a@x"),
        ("Message-Id:\n <a@x>", "a@x", "a@x"),
        ("Message-ID: a@x (odd)", "a@x", "a@x"),
        ("Message-ID: <a b@x>", "ab@x", "ab@x"),
        ("Message-ID: <a@x>\nIn-Reply-To: <b@x>", "a@x", "b@x"),
        ("Message-ID: <a@x>\nReferences: <c@x>\n\t<b@x>\nIn-Reply-To: <b@x>", "a@x", "c@x"),
        ("References: <c@x> <b@x>", None, "c@x"),
        ("Message-ID:", None, None),
        ("Message-ID: <>", None, None),
        ("Message-ID: <a@x>\nMessage-ID: <b@x>", "a@x", "a@x"),
        ("Subject: Message-ID: <a@x>", None, None),
        ("", None, None),
    ],
)
def test_ids_are_those_of_the_head(head: str, own: str | None, thread: str | None) -> None:
    body = "\n\nMessage-ID: <body@x>\nReferences: <body@x>\n"
    assert ids_of(f"{head}{body}".encode()) == (own, thread)
    assert ids_of(b"\xef\xbb\xbf" + f"{head}{body}".replace("\n", "\r\n").encode()) == (own, thread)


def test_what_is_no_text_has_none() -> None:
    assert ids_of(b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 9) == (None, None)
