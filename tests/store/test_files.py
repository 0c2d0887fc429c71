import os
import time
from pathlib import Path

import pytest

from cultivar.store import files
from cultivar.store.files import LocalFiles, RemoteFiles, files_at


def write(place: files.Files, name: str, data: bytes = b"data") -> None:
    with place.staged() as staged:
        staged.write(data)
        place.publish(staged, name)


def unfinished(root: Path) -> list[Path]:
    return sorted((root / ".unfinished").iterdir())


def test_plain_paths_and_file_urls_are_local_and_the_rest_is_remote(tmp_path: Path) -> None:
    assert isinstance(files_at(str(tmp_path)), LocalFiles)
    assert isinstance(files_at(f"file://{tmp_path}"), LocalFiles)
    assert isinstance(files_at("s3://bucket/prefix"), RemoteFiles)


def test_naming_a_place_makes_nothing(tmp_path: Path) -> None:
    files_at(str(tmp_path / "place"))
    files_at("s3://no-such-bucket/prefix")
    assert not (tmp_path / "place").exists()


def test_a_file_appears_under_its_name_only_when_published(store_url: str) -> None:
    place = files_at(store_url)
    with place.staged() as staged:
        staged.write(b"some ")
        staged.write(b"bytes")
        assert place.size("a/b/c") is None
        place.publish(staged, "a/b/c")
    assert place.size("a/b/c") == 10
    with place.open("a/b/c") as file:
        assert file.read() == b"some bytes"
    assert place.url("a/b/c").endswith("/a/b/c")


@pytest.mark.parametrize("a_request", [1 << 20, 1 << 30])
def test_large_files_arrive_whole_in_parts_or_at_once(
    store_url: str, a_request: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BYTES_A_REQUEST", a_request)
    place = files_at(store_url)
    data = os.urandom(1 << 20) * 12
    write(place, "large", data)
    with place.open("large") as file:
        assert file.read() == data


def test_what_is_not_published_is_gone(tmp_path: Path) -> None:
    place = LocalFiles(tmp_path)
    with place.staged() as staged:
        staged.write(b"half")
        assert len(unfinished(tmp_path)) == 1
    assert unfinished(tmp_path) == []


def abandon(root: Path, name: str, age_seconds: float) -> Path:
    (root / ".unfinished").mkdir(exist_ok=True)
    path = root / ".unfinished" / name
    path.write_bytes(b"half")
    moment = time.time() - age_seconds
    os.utime(path, (moment, moment))
    return path


def test_what_dead_writers_left_is_swept_by_a_later_one(tmp_path: Path) -> None:
    abandoned = abandon(tmp_path, "dead.part", 3600)
    fresh = abandon(tmp_path, "just-begun.part", 0)
    write(LocalFiles(tmp_path), "name")
    assert not abandoned.exists()
    assert fresh.exists()


def test_a_living_writers_file_is_not_swept_however_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_GRACE_SECONDS", -1)
    first = LocalFiles(tmp_path)
    with first.staged() as staged:
        staged.write(b"slow")
        write(LocalFiles(tmp_path), "quick")
        first.publish(staged, "slow")
    assert first.size("slow") == 4


def test_only_the_owner_may_read_a_new_store(tmp_path: Path) -> None:
    write(LocalFiles(tmp_path / "new"), "name")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
