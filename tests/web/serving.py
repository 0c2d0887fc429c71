"""A real `cultivar serve` in a process of its own, over a home that the tests make."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cultivar.operations.content.locations import add_location
from cultivar.operations.tenant.keys import create_key
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from tests.small import COMMON, CONTRACT, EVERYDAY, HARVEST

CONTAINER = "documents"
CLASSES = {"contract": CONTRACT, "everyday": EVERYDAY, "harvest": HARVEST}
PER_CLASS = 20
READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A server that takes requests: its address, a key, its home and its process."""

    url: str
    key: str
    home: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        """Tell it to stop and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def settle(home: Path, documents: Path) -> str:
    """Make a tenant with a container over ``documents``, and return a key to it."""
    write_documents(documents)
    with open_workspace(read_settings(environment(home))) as workspace:
        bootstrap(workspace, "alex")
        add_location(workspace, "alex", CONTAINER, str(documents))
        return create_key(workspace, "alex", "for a test")[1]


def write_documents(folder: Path) -> None:
    """Write documents of three classes as ``<class>/<number>.txt``."""
    for name, words in CLASSES.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(PER_CLASS):
            draw = random.Random(f"{name}{number}")
            pool = words * 3 + COMMON * 2
            text = " ".join(draw.choice(pool) for _ in range(draw.randint(60, 160)))
            (folder / name / f"{number:03}.txt").write_text(text, encoding="utf-8")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process that works on a home."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CULTIVAR_", "PREFECT_"))
    }
    return {**inherited, "CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex", **more}


@contextmanager
def serving(home: Path, key: str, **settings: str) -> Iterator[Served]:
    """Run `cultivar serve` for the block; it is killed at the end where it still runs."""
    log = home.parent / "serve.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(home, **settings),
            cwd=Path(__file__).parents[2],
        )
    try:
        assert process.stdout is not None
        yield Served(_first_object(process.stdout)["url"], key, home, process)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _first_object(stream: IO[bytes]) -> dict[str, Any]:
    lines = b""
    for line in stream:
        lines += line
        if line.rstrip() == b"}":
            found: dict[str, Any] = json.loads(lines)
            return found
    raise AssertionError(f"the server ended before it was ready: {lines!r}")


def labels(kind: str, classes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return a labels file over the container: twelve documents a class unless stated."""
    counts = classes or dict.fromkeys(CLASSES, 12)
    single = kind == "CustomSingleLabelClassification"
    documents = []
    for name, count in counts.items():
        for number in range(count):
            document: dict[str, Any] = {"location": f"{name}/{number:03}.txt", "language": "en"}
            tag = {"category": name}
            documents.append(document | ({"class": tag} if single else {"classes": [tag]}))
    return {
        "projectFileVersion": "2023-04-01",
        "stringIndexType": "Utf16CodeUnit",
        "metadata": {
            "projectKind": kind,
            "storageInputContainerName": CONTAINER,
            "language": "en",
            "settings": {},
        },
        "assets": {
            "projectKind": kind,
            "classes": [{"category": name} for name in counts],
            "documents": documents,
        },
    }
