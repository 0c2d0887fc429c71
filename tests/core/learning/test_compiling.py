import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numba
import pytest

from cultivar.core.learning import compiling

COUNTED = """
import pyarrow as pa
from cultivar.core.learning.text import document_frequencies
print(document_frequencies(pa.array(["soil and seed", "seed"])).to_pydict())
"""


def test_where_no_folder_can_be_written_code_is_compiled_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    genuine = numba.njit

    def without_folder(*, nogil: bool, cache: bool = False) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return genuine(nogil=nogil)

    monkeypatch.setattr(compiling, "numba", SimpleNamespace(njit=without_folder))

    @compiling.compiled
    def twice(x: int) -> int:
        return 2 * x

    assert twice(4) == 8
    assert twice.nopython_signatures  # type: ignore[attr-defined]


@pytest.mark.slow
def test_processes_that_start_together_with_an_empty_cache_agree(tmp_path: Path) -> None:
    command, empty = [sys.executable, "-c", COUNTED], {"NUMBA_CACHE_DIR": str(tmp_path)}
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **empty})
        for _ in range(3)
    ]
    printed = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(printed) == 1
    assert list(tmp_path.rglob("*.nbi"))
