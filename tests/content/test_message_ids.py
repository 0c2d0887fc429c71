"""The ids of a mail and of its conversation, as mail programs write them."""

from pathlib import Path

import pytest

from cultivar.content.documents.message_ids import ids_of
from tests.content.compound import compound_file, message_tree
from tests.content.conftest import Crawler


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


def test_a_message_of_outlook_states_them_too(content: Path, crawled: Crawler) -> None:
    ids = {"1035": "<own@x.org>", "1039": "<first@x.org> <other@x.org>"}
    heads = {"007D": "Received: by x\r\nMessage-ID: <own@x.org>\r\nIn-Reply-To: <first@x.org>\r\n"}
    for name, texts in {"ids": ids, "heads": heads}.items():
        tree = message_tree("The offer", "Words of it.")
        tree |= {f"__substg1.0_{each}001F": texts[each].encode("utf-16-le") for each in texts}
        (content / f"{name}.msg").write_bytes(compound_file(tree))
    for row in crawled().rows.values():
        assert (row["message_id"], row["thread_id"]) == ("own@x.org", "first@x.org")
