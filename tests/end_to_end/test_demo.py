"""The demonstration as a person runs it: from own documents, and killed on the way."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from benchmarks import kill_demo
from tests.end_to_end.demonstration import demo, report_of
from tests.small import grow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Arguments that name a person's own folders: 260 contracts, 260 other documents."""
    root = tmp_path_factory.mktemp("own")
    made = grow(root / "made", seeds=0, tests=520, content=0)
    shutil.move(made.tests / "positive", root / "contracts")
    shutil.move(made.tests / "negative", root / "others")
    return ("--positives", str(root / "contracts"), "--others", str(root / "others"))


def test_own_documents_come_to_labels_wherever_it_is_killed(
    tmp_path: Path, documents: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if "PREFECT" in name]:
        monkeypatch.delenv(name)
    took = kill_demo.run(tmp_path / "undisturbed", documents)
    wanted = kill_demo.outcome(tmp_path / "undisturbed")
    draw = random.Random(len(documents))
    for number in range(2):
        home = tmp_path / f"killed-{number}"
        kill_demo.kill_after(draw.uniform(0.2, took), home, documents)
        kill_demo.run(home, documents)
        assert kill_demo.outcome(home) == wanted


def test_own_documents_that_do_not_suffice_are_a_sentence(tmp_path: Path) -> None:
    made = grow(tmp_path / "made", seeds=0, tests=318, content=0)
    for number in range(20):
        copy = made.tests / "positive" / f"copy-{number}.txt"
        shutil.copy(made.tests / "positive" / "item-001.txt", copy)
    answer = demo(
        tmp_path / "home",
        *("--positives", str(made.tests / "positive")),
        *("--others", str(made.tests / "negative")),
    )
    assert answer.returncode != 0
    error = json.loads(answer.stdout)["error"]
    assert error["code"] == "too-few-documents"
    assert "holds 159 files, 20 copies of others left out;" in error["message"]
    assert "at least 160 positives and 250 others" in error["message"]


def test_the_smallest_folders_that_are_taken_are_published_where_some_cannot_be_used(
    tmp_path: Path,
) -> None:
    made = grow(tmp_path / "made", seeds=0, tests=500, content=0)
    positives = sorted((made.tests / "positive").iterdir())
    for file in positives[160:]:
        file.unlink()
    # some repeat the words of another, with other bytes
    for kind in ("positive", "negative"):
        files = sorted((made.tests / kind).iterdir())
        for first, second in zip(files[:20:2], files[1:20:2], strict=True):
            second.write_text(f"{first.read_text(encoding='utf-8')}\n\n", encoding="utf-8")
    report = report_of(
        demo(
            tmp_path / "home",
            *("--positives", str(made.tests / "positive")),
            *("--others", str(made.tests / "negative")),
        )
    )
    assert report["decided"] >= 200
    assert report["published_version"]
