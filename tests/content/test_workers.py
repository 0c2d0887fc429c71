"""Whatever one file does to its worker, it becomes a row and the others are read."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.dates import EPOCH
from cultivar.content.entries import Entry
from cultivar.content.limits import Limits
from cultivar.content.reading import Task
from cultivar.content.workers import chunked
from tests.content import misbehaving
from tests.content.conftest import Crawler

SHORT = Limits(workers=1, seconds=1.0)
PATIENT = Limits(workers=1, seconds=30.0, memory_bytes=1_500_000_000)


def _write(content: Path, *names: str) -> None:
    for name in names:
        (content / name).write_text(f"This is the ordinary text of {name}.")


@pytest.mark.parametrize(
    ("deed", "status", "reason"),
    [
        ("hang", "timed out", "reading it takes longer than 1 s"),
        pytest.param(
            "deaf", "timed out", "reading it takes longer than 1 s", marks=pytest.mark.slow
        ),
        ("eat", "out of memory", "reading it takes too much memory"),
        ("abort", "out of memory", "reading it takes too much memory"),
        ("crash", "failed", "the parser crashed (exit code -11)"),
    ],
)
def test_a_file_that_takes_its_worker_down_is_a_row_with_a_reason(
    content: Path, crawled: Crawler, deed: str, status: str, reason: str
) -> None:
    _write(content, "a.txt", "b.txt", f"{deed}-it.txt", "y.txt", "z.txt")
    limits = SHORT if status == "timed out" else PATIENT
    done = crawled(limits=limits, read=misbehaving.read)
    assert done.statuses == {
        "a.txt": "ok",
        "b.txt": "ok",
        f"{deed}-it.txt": status,
        "y.txt": "ok",
        "z.txt": "ok",
    }
    assert done.rows[f"{deed}-it.txt"]["reason"] == reason


def test_a_message_that_takes_its_worker_down_costs_the_mailbox_only_itself(
    content: Path, crawled: Crawler
) -> None:
    letters = ("one", "Please hang", "three", "Please crash", "five")
    mails = [
        f"From a@x Tue Mar  1 10:00:0{at} 2022\nSubject: {at}\nFrom: a@x\n\nWords: {words}.\n\n"
        for at, words in enumerate(letters)
    ]
    (content / "in.mbox").write_text("".join(mails))
    _write(content, "a.txt")
    done = crawled(limits=SHORT, read=misbehaving.read_letters)
    assert done.statuses == {
        "a.txt": "ok",
        "in.mbox!/1": "ok",
        "in.mbox!/2": "timed out",
        "in.mbox!/3": "ok",
        "in.mbox!/4": "failed",
        "in.mbox!/5": "ok",
    }
    assert done.rows["in.mbox!/2"]["reason"] == "reading it takes longer than 1 s"


def test_a_mailbox_of_bad_messages_keeps_what_was_read(
    content: Path, crawled: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cultivar.content.workers._AVOIDED_AT_MOST", 1)
    letters = ["one", "Please crash", "Please crash", "four"]
    mails = [
        f"From a@x Tue Mar  1 10:00:0{at} 2022\nSubject: {at}\nFrom: a@x\n\nWords: {words}.\n\n"
        for at, words in enumerate(letters)
    ]
    (content / "in.mbox").write_text("".join(mails))
    done = crawled(limits=PATIENT, read=misbehaving.read_letters)
    assert done.statuses == {
        "in.mbox": "timed out", "in.mbox!/1": "ok", "in.mbox!/2": "failed",
    }  # fmt: skip
    assert done.rows["in.mbox"]["reason"] == "what follows 2 items is not read"


@pytest.mark.slow
def test_many_bad_files_in_a_row_cost_only_themselves(content: Path, crawled: Crawler) -> None:
    bad = [f"{deed}-{number}.txt" for number in range(2) for deed in misbehaving.PERMISSION_FOR]
    good = [f"good-{number}.txt" for number in range(40)]
    _write(content, *bad, *good)
    done = crawled(limits=Limits(workers=2, seconds=2.0), read=misbehaving.read)
    assert {name for name, status in done.statuses.items() if status == "ok"} == set(good)
    assert len(done.rows) == len(bad) + len(good)


def test_a_failed_file_is_read_again_when_asked(content: Path, crawled: Crawler) -> None:
    _write(content, "a.txt", "crash-it.txt")
    first = crawled(limits=PATIENT, read=misbehaving.read)
    assert not crawled(previous=first).changed
    again = crawled(previous=first, retry=True)
    assert again.statuses == {"a.txt": "ok", "crash-it.txt": "ok"}
    assert again.summary.changed == 1


def test_a_script_without_a_guard_can_crawl(content: Path, tmp_path: Path) -> None:
    """A worker does not run the caller's main module, which would crawl again."""
    _write(content, "a.txt")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from cultivar.content.crawl.crawling import Request, crawl
        from cultivar.content.limits import Limits
        from cultivar.content.locations import Location

        print("started")
        with crawl(Request(Location("shelf", {str(content)!r}), limits=Limits(workers=1))) as done:
            print(done.summary.by_status)
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.splitlines() == ["started", "{'ok': 1}"], done.stderr
    assert done.stderr == ""


_HANGS = """
import sys
from cultivar.content.crawl.crawling import Request, crawl
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from tests.content import misbehaving

request = Request(Location("shelf", sys.argv[1]), limits=Limits(workers=2), read=misbehaving.read)
with crawl(request):
    pass
"""


def _workers_of(content: Path) -> list[str]:
    """Return the processes that were started by a program with that argument."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(content).encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
def test_killing_the_crawl_ends_its_hanging_workers(content: Path, tmp_path: Path) -> None:
    _write(content, "deaf-it.txt")
    environment = {**os.environ, "MARK_OF_THIS_TEST": str(content), "TMPDIR": str(tmp_path)}
    started = subprocess.Popen([sys.executable, "-c", _HANGS, str(content)], env=environment)
    deadline = time.monotonic() + 30
    while len(_workers_of(content)) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    # The program, the server that forks, its workers; the hanging one has begun.
    assert len(_workers_of(content)) >= 4
    time.sleep(2)
    started.send_signal(signal.SIGKILL)
    started.wait()
    while _workers_of(content) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _workers_of(content) == []


_READS = """
import sys
from cultivar.content.crawl.crawling import Request, crawl
from cultivar.content.limits import Limits
from cultivar.content.locations import Location

with crawl(Request(Location("shelf", sys.argv[1]), limits=Limits(workers=2))) as items:
    print(sorted(row["status"] for batch in items.batches() for row in batch.to_pylist()))
"""


def test_a_temporary_folder_far_down_is_no_hindrance(content: Path, tmp_path: Path) -> None:
    """The workers are reached by a socket, whose path holds about a hundred bytes."""
    far_down = tmp_path / ("a" * 60) / ("b" * 60)
    far_down.mkdir(parents=True)
    _write(content, "a.txt", "b.txt")
    done = subprocess.run(
        [sys.executable, "-c", _READS, str(content)],
        env={**os.environ, "TMPDIR": str(far_down)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("['ok', 'ok']", 0), done.stderr
    assert list(far_down.iterdir()) == []


def test_nothing_is_left_behind(
    content: Path, crawled: Crawler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    _write(content, "a.txt", "crash-it.txt")
    crawled(limits=PATIENT, read=misbehaving.read)
    assert list(scratch.iterdir()) == []


def test_importing_the_room_loads_no_parser() -> None:
    program = (
        "import sys, pkgutil, importlib, cultivar.content as room\n"
        "for module in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "print([name for name in ('xberg', 'py3langid', 'msoffcrypto', 'rensa', 's3fs')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@given(st.lists(st.integers(0, 5_000_000), max_size=100))
def test_chunks_keep_order_and_bounds(sizes: list[int]) -> None:
    tasks = [Task(Entry(f"{at}.txt", "", size, "", EPOCH)) for at, size in enumerate(sizes)]
    chunks = list(chunked(tasks))
    assert [task for chunk in chunks for task in chunk] == tasks
    for chunk in chunks:
        assert 1 <= len(chunk) <= 16
        assert len(chunk) == 1 or sum(task.entry.size for task in chunk) <= 2_000_000
