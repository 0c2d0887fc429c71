"""Failures that nobody foresaw: their way through the code is told, what they say is not."""

import stat
from pathlib import Path

import pytest

from cultivar.core.gates import gate_result_from
from cultivar.settings import read_settings
from cultivar.store.defects import debug_log, keep_in_full, place_of, way_to

SAID = "a line of a document"


def _stumbled() -> Exception:
    try:
        gate_result_from({"gate": "seed_set", SAID: []})
    except KeyError as error:
        return error
    raise AssertionError


def _caused() -> Exception:
    try:
        try:
            int(SAID)
        except ValueError as error:
            raise LookupError(SAID) from error
    except LookupError as error:
        return error
    raise AssertionError


def test_the_place_names_file_line_and_function() -> None:
    said = place_of(_stumbled())
    assert said.startswith("KeyError in cultivar/core/gates.py line ")
    assert said.endswith(" in gate_result_from")


def test_the_way_holds_our_frames_and_no_values_or_folders() -> None:
    way = way_to(_stumbled())
    assert [line.rpartition(" in ")[2] for line in way] == ["gate_result_from"]
    assert SAID not in str(way)
    assert not any(line.startswith("/") for line in way)


def test_the_way_tells_of_the_error_behind_an_error() -> None:
    way = way_to(_caused())
    assert way[1] == "caused by ValueError"
    assert way[0].startswith("tests/store/test_defects.py line ")
    assert SAID not in str(way)


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert place_of(ValueError(SAID)) == "ValueError in an unknown place"
    assert way_to(ValueError(SAID)) == []


def test_nothing_is_kept_unless_a_setting_asks_for_it(tmp_path: Path) -> None:
    keep_in_full(read_settings({"CULTIVAR_HOME": str(tmp_path)}), _stumbled())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
def test_the_debug_log_holds_it_once_in_full_for_its_owner_alone(
    tmp_path: Path, there: bool
) -> None:
    settings = read_settings({"CULTIVAR_HOME": str(tmp_path), "CULTIVAR_DEBUG_LOG": "true"})
    log = debug_log(tmp_path)
    if there:
        log.parent.mkdir()
        log.touch(mode=0o644)
    error = _stumbled()
    for _ in range(2):
        keep_in_full(settings, error)
    said = log.read_text()
    assert said.count("Traceback") == 1
    assert "KeyError: " in said
    assert "gate_result_from" in said
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
