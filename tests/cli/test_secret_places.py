"""What lets one into a store stands in the registry, and is shown and logged nowhere (security)."""

from pathlib import Path

import pytest

from cultivar.core.texts.shown_places import shown_place
from tests.cli.conftest import Command

PASSWORD, TOKEN = "s3cretpass", "t0kenvalue"
# nothing listens on port 1
PLACE = f"ftp://reader:{PASSWORD}@127.0.0.1:1/archive?key={TOKEN}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (PLACE, "ftp://***@127.0.0.1:1/archive?***"),
        ("ftp://u:a/b@c@host/x", "ftp://***@host/x"),
        ("simplecache::ftp://u:p@host/x", "simplecache::ftp://***@host/x"),
        ("https://token@host:443/a@b", "https://***@host:443/a@b"),
        ("s3://bucket/a@b:c/d", "s3://bucket/a@b:c/d"),
        ("ftp://host:21/a@b", "ftp://host:21/a@b"),
        ("abfs://container@account.dfs/x", "abfs://container@account.dfs/x"),
        ("/folders/a?b@c", "/folders/a?b@c"),
    ],
)
def test_an_account_and_a_query_are_hidden_and_nothing_else_is(url: str, shown: str) -> None:
    assert shown_place(url) == shown


def test_a_password_in_a_location_is_in_no_answer_and_no_file(
    cultivar: Command, tmp_path: Path
) -> None:
    cultivar("location", "add", "sites", str(tmp_path), "--purpose", "seed")
    asked = [
        ("location", "add", "archive", PLACE), ("location", "list"), ("location", "list", "--json"),
        ("location", "add", "archive", f"{PLACE}/other"), ("location", "add", "again", PLACE),
        ("location", "add", "below", PLACE.replace("?", "/below?")),
        ("location", "add", "nothing", f"s3://reader:{PASSWORD}@/?key={TOKEN}"),
        ("crawl", "archive"), ("crawl", "archive", "--json"), ("location", "show", "archive"),
        ("opt-in", "--yes"), ("create", "x", "--seeds", PLACE.replace("archive", "seeds"), "--yes"),
        ("create", "x", "--seeds", f"gopher://reader:{PASSWORD}@host/"),
        ("status",), ("status", "--json"), ("audit", "list", "--json"), ("audit", "export"),
        ("explore", "list", "--location", PLACE), ("verify",), ("settings",),
        ("location", "rename", "archive", "old", "--yes"), ("location", "remove", "old", "--yes"),
    ]  # fmt: skip
    for arguments in asked:
        answer = cultivar(*arguments)
        for secret in (PASSWORD, TOKEN):
            assert secret not in answer.out + answer.err, arguments
        assert "defect" not in answer.err, answer.err
    added = cultivar("location", "add", "another", PLACE)
    assert "ftp://***@127.0.0.1:1/archive" in added.out
    home = tmp_path / "home"
    kept = [each for each in home.rglob("*") if each.is_file() and "registry" not in each.name]
    assert not [each for each in kept if PASSWORD.encode() in each.read_bytes()]
