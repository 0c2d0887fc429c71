"""What the Prefect UI is told: keys that it accepts, and no more often than it can take."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import artifact_key, reporting


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_a_key_holds_only_what_prefect_accepts(parts: list[str]) -> None:
    key = artifact_key("gate", *parts)
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert key.startswith("gate")
    assert "--" not in key
    assert not key.endswith("-")


def test_progress_is_told_at_most_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    also: list[tuple[int, int | None]] = []
    clock = iter(0.1 * tick for tick in range(100_000))
    monkeypatch.setattr(reporting, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(reporting, "create_progress_artifact", lambda *_, **__: uuid4())
    monkeypatch.setattr(
        reporting, "update_progress_artifact", lambda _, progress: told.append(progress)
    )
    with reporting.progress("crawl", "sites", lambda *figures: also.append(figures)) as advance:
        for done in range(100):
            advance(done, 200)
    assert len(also) == len(told) - 1 < 30
    assert told == sorted(told)
    assert told[-1] == 100.0
    assert max(told[:-1]) < 50
