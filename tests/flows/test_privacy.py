"""Canaries planted in documents are found in the artifact store and the registry, nowhere else."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from tests.flows.conftest import ACTOR, NAME
from tests.small import Organisation, grow

pytestmark = pytest.mark.slow

TEXT, PATH, TITLE = "canarytextquail", "canarypathwren", "canarytitlefinch"
REASON = "a person quotes canaryreasonlinnet from a document"
CANARIES = (TEXT, PATH, TITLE, "canaryreasonlinnet")
PLANTED = (TEXT, PATH, TITLE)

# A whole lifecycle up to the labels, and two refusals, in a process whose output is captured.
PLAYED = f"""
from cultivar.core.errors import CultivarError
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.review.items import next_items
from cultivar.operations.content.locations import resolve_source
from cultivar.operations.publishing.overrides import state_reason
from cultivar.operations.review.verdicts import close_batch, open_batch, record_verdict
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from processes.prefect_server import server
name, who = {NAME!r}, {ACTOR!r}
with server.running(read_settings(), print), open_workspace() as workspace:
    from flows.crawl import crawl
    from flows.opt_in import opt_in
    from flows.review_gate import review_gate
    from flows.publish import publish
    from flows.labelling import labelling
    from flows.seed_ingest import seed_ingest
    from flows.test_scoring import test_scoring
    from flows.training import training
    print(opt_in(), crawl("seeds"), crawl("tests"))
    create_classifier(workspace, who, name, "", resolve_source(workspace, "seeds"))
    print(seed_ingest(name), training(name))
    for source in ("seeds", "tests"):
        try:
            print(test_scoring(name, source))
        except CultivarError as refused:
            print(refused.sentence, refused.facts)
    open_batch(workspace, who, name)
    for item in next_items(workspace, who, name):
        right = item.folder.startswith("positive") == (item.prediction == "match")
        record_verdict(workspace, who, name, item.item_id, "yes" if right else "no")
    close_batch(workspace, who, name)
    print(review_gate(name))
    reason = state_reason(workspace, who, name, {REASON!r})
    print(publish(name, override=reason))
    print(labelling())
"""


@pytest.fixture
def planted(tmp_path: Path) -> Organisation:
    """An organisation whose documents hold canaries in text, title and path, some unreadable."""
    made = grow(tmp_path / "organisation", content=40)
    for folder in (made.content, made.seeds, made.tests / "positive", made.tests / "negative"):
        for number, path in enumerate(sorted(folder.rglob("*.txt"))[:4]):
            path.write_text(f"{path.read_text()} {TEXT} {number}")
            path.rename(path.with_name(f"{PATH}-{number}.txt"))
        mail = folder / PATH / f"{PATH}.eml"
        mail.parent.mkdir()
        mail.write_text(
            f"From: a@example.org\nTo: b@example.org\nSubject: {TITLE}\n"
            f"Date: Mon, 03 Jun 2024 09:00:00 +0000\n\n{TEXT} clause supplier agreement term\n"
        )
    for suffix in (".pdf", ".docx", ".zip", ".exe"):
        (made.content / f"{PATH}-broken{suffix}").write_bytes(f"not {TEXT} readable".encode())
    return made


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder for temporary files with a short path: sockets in it may not have a long one."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_canaries_appear_nowhere_but_in_artifacts_and_registry(
    planted: Organisation, settings: Settings, scratch: Path
) -> None:
    with open_workspace(settings) as workspace:
        bootstrap(workspace, ACTOR)
        add_location(workspace, ACTOR, "content", str(planted.content))
        add_location(workspace, ACTOR, "seeds", str(planted.seeds), purpose="seed")
        add_location(workspace, ACTOR, "tests", str(planted.tests), purpose="test")
    said = _play(settings, scratch)
    kept = [path for path in settings.home.rglob("*") if path.is_file()]
    store = [path for path in kept if "artifacts" in path.parts or "registry" in path.name]
    elsewhere = [path for path in kept if path not in store]
    assert any(path.name == "prefect.db" for path in elsewhere)
    assert any(path.name == "prefect-server.log" for path in elsewhere)
    found = {
        (canary, str(path))
        for path in [*elsewhere, *(each for each in scratch.rglob("*") if each.is_file())]
        for canary in CANARIES
        if canary.encode() in path.read_bytes()
    }
    # the explorer's index lists items by name, for those who may see them, and holds no text
    index = {each for each in found if each[0] == PATH and "explorer" in Path(each[1]).parts}
    assert found == index
    assert all(Path(each).parent.stat().st_mode & 0o077 == 0 for _, each in index)
    assert [canary for canary in CANARIES if canary in said] == []
    assert _planted_in_the_store(settings) == set(PLANTED)


def _play(settings: Settings, scratch: Path) -> str:
    """Play a lifecycle, Prefect's console at its most talkative, and return what was printed."""
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    answer = subprocess.run(
        [sys.executable, "-c", PLAYED],
        env=environment
        | {
            "CULTIVAR_HOME": str(settings.home),
            "CULTIVAR_USER": ACTOR,
            "CULTIVAR_PREFECT_PORT": "4510",
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "DEBUG",
            "TMPDIR": str(scratch),
        },
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert "supplier-contracts" in answer.stdout
    return answer.stdout + answer.stderr


def _planted_in_the_store(settings: Settings) -> set[str]:
    """Return the canaries that the items of the content hold: they were there to be found."""
    with open_workspace(settings, create=False) as workspace:
        sha256 = location_named(workspace, "content").items_sha256 or ""
        table = workspace.artifacts.read(workspace.artifacts.reference(sha256))
        said = str(table.select(["path", "title", "text"]).to_pylist())
    return {canary for canary in PLANTED if canary in said}
