"""What is read or set aside in passing leaves nothing in the temporary folder, killed or not."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from cultivar.content.limits import Limits
from cultivar.content.one_file import read_bytes
from cultivar.settings import scratch
from cultivar.settings.scratch import Scratch

SECRET = "a sentence that nobody else may read "
HOLDS = """
import sys
from cultivar.settings.scratch import Scratch
made = Scratch("cultivar-test-")
(made.path / "content.txt").write_text("words of somebody")
print(made.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(scratch, "_SWEPT", set())
    return folder


def held_elsewhere(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(temporary)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_document_that_is_handed_over_touches_no_disk(temporary: Path) -> None:
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for folder, _, names in os.walk(temporary):
                for name in names:
                    with suppress(OSError):
                        seen.add((Path(folder) / name).read_bytes())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        [read] = read_bytes("letter.txt", (SECRET * 2_000).encode(), Limits(workers=1))
    finally:
        done.set()
        watcher.join()
    assert read.text is not None
    assert read.text.startswith(SECRET.strip())
    assert not [each for each in seen if SECRET.encode()[:20] in each]
    assert list(temporary.glob("cultivar-*")) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_stays(
    temporary: Path,
) -> None:
    killed, left = held_elsewhere(temporary)
    living, held = held_elsewhere(temporary)
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        for each in (left, held):
            os.utime(each, (0, 0))
        (temporary / "cultivar-test-other").mkdir()
        (temporary / "cultivar-test-link").symlink_to(held)
        with Scratch("cultivar-test-") as mine:
            assert not left.exists()
            assert (held / "content.txt").exists()
            # who made it may be about to lock it
            assert (temporary / "cultivar-test-other").exists()
            assert mine.path.stat().st_mode & 0o077 == 0
        assert not mine.path.exists()
    finally:
        for process in (killed, living):
            process.kill()
            process.communicate()
