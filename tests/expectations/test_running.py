"""How gates run: cheap to import, silent, private, and safe with threads."""

import logging
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import expectations
from cultivar.core.serialisation import as_json
from tests.expectations.tables import FAULTS, GOOD, NOW, as_table, facts_of, good

CANARY = "CANARY-91c2-quarterly-secret"
ROOT = Path(expectations.__file__).parent.parent


def test_importing_expectations_imports_neither_the_library_nor_pandas() -> None:
    code = (
        "import sys, expectations; "
        "print([name for name in ('great_expectations', 'pandas') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.requirement("TC-16")
@pytest.mark.slow
def test_eight_threads_with_good_and_bad_frames_never_give_a_false_verdict() -> None:
    bad = as_table("seed_set", FAULTS["seed_set"]["too-few-seeds"](GOOD["seed_set"]()))
    tables = {True: good("seed_set"), False: bad}
    start = threading.Barrier(8)

    def verdicts(worker: int) -> list[tuple[bool, bool]]:
        start.wait()
        wanted = [(worker + turn) % 2 == 0 for turn in range(12)]
        return [
            (want, expectations.evaluate("seed_set", tables[want], now=NOW).opens)
            for want in wanted
        ]

    with ThreadPoolExecutor(8) as pool:
        pairs = [pair for worker in pool.map(verdicts, range(8)) for pair in worker]
    assert len(pairs) == 96
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


@pytest.mark.parametrize("gate", sorted(GOOD))
def test_no_value_of_a_row_gets_out(
    gate: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    frame = good(gate).to_pandas().astype(object)
    frame["text"] = CANARY
    frame["title"] = CANARY
    results = []
    for column in expectations.COLUMNS[gate]:
        planted = frame.copy()
        planted[column] = [f"{CANARY} {row}" for row in range(len(planted))]
        results.append(expectations.evaluate(gate, planted, **facts_of(gate)))
    printed = capfd.readouterr()
    assert not all(result.opens for result in results)
    assert CANARY not in str(as_json(results))
    assert CANARY not in caplog.text + printed.out + printed.err


def test_no_gate_reads_text_title_path_or_name() -> None:
    read = {column for columns in expectations.COLUMNS.values() for column in columns}
    assert not read & {"text", "title", "path", "folder", "name", "url", "source_path", "reason"}


def test_a_gate_opens_no_connection_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a gate tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert expectations.evaluate("items", good("items"), now=NOW).opens
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_million_rows_keep_no_frame_behind() -> None:
    import gc

    import pandas as pd

    for _ in range(3):
        expectations.evaluate("items", good("items"), now=NOW)
    gc.collect()
    held = [kept for kept in gc.get_objects() if issubclass(type(kept), pd.DataFrame)]
    assert len(held) < 3 * len(expectations.COLUMNS["items"])
