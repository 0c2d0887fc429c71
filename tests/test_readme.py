"""Every command of the README, typed as it stands and in its order, by somebody who has documents.

Questions are answered by keys at a terminal, as a person answers them.
"""

import csv
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal
from tests.processes.upping import unused_port
from tests.small import CONTRACT, grow
from tests.web.serving import CLASSES, write_documents

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_500)]

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SECONDS = 300.0
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# A command that needs more than was typed says so, and prints what to type.
NEEDS_A_REASON = "retrain republish"
# What versions that label the same, or a recommendation against it, refuse with a sentence.
MAY_BE_REFUSED = ("retrain compare", NEEDS_A_REASON)


def commands() -> list[str]:
    """Return the lines that README shows after a prompt, continued ones joined, without remarks."""
    blocks = _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.replace("\\\n", "").splitlines()]
    return [re.sub(r"\s+# .*$", "", line[2:]).strip() for line in lines if line.startswith("$ ")]


@dataclass
class Person:
    """Somebody with an empty account, folders of documents, and a terminal."""

    account: Path
    port: int
    window: Terminal | None = None
    prepared: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.account),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "USER": "alex",
            "LANG": "C.UTF-8",
            "CULTIVAR_PREFECT_PORT": str(self.port),
        }

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Close the window that `cultivar up` runs in when the work is done."""
        try:
            yield
        finally:
            if self.window is not None:
                self.window.press("\x03")
                self.window.process.wait(60)
                self.window.__exit__()

    def follows(self, line: str) -> None:
        """Do what a line of the README says."""
        if line == "cultivar up":
            self.window = Terminal(
                shell=line, folder=self.account, columns=100, rows=40, **self.environment
            )
            self.window.wait_for("Ready: ", SECONDS)
        elif line.startswith(". "):
            # what the README activates is what PATH leads to
            assert (ROOT / line[2:]).samefile(BIN / "activate")
        elif line.startswith("eval "):
            self.prepared = f"{line} && "
        else:
            if "--verdicts mails.csv" in line:
                self.fills_in(self.account / "mails.csv")
            shown = self.types(self.prepared + line)
            if NEEDS_A_REASON in line and "--reason" in shown:
                self.types(f'{line} --reason "The difference was looked at"')

    def types(self, line: str) -> str:
        """Type a line, answer what it asks, and return what the terminal showed."""
        with Typed(line, self) as terminal:
            shown = terminal.until_done()
            ended = terminal.process.wait(30)
            refusable = any(each in line for each in MAY_BE_REFUSED)
            assert ended == 0 or refusable, shown[-2_000:]
        return shown

    def fills_in(self, file: Path) -> None:
        """Say of each listed mail whether it is a contract, as its words tell."""
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
        for row in rows:
            words = (self.account / row["path"]).read_text(encoding="utf-8").split()
            row["relevant"] = "yes" if sum(word in CONTRACT for word in words) > 10 else "no"
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)


class Typed(Terminal):
    """A line typed into a shell at a terminal, by somebody who answers its questions."""

    ANSWERS = (
        (re.compile(r"\[[yY]/[nN]\]: ?$"), "y\r"),
        (re.compile(r"We predict this item is"), "y"),
        (re.compile(r"y match"), "y"),
        (re.compile(r"Enter"), "\r"),
    )

    def __init__(self, line: str, person: Person) -> None:
        self.line = line
        super().__init__(
            shell=line, folder=person.account, columns=100, rows=40, **person.environment
        )

    def until_done(self) -> str:
        """Answer until the command has ended."""
        shown, end = "", time.monotonic() + SECONDS
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    read = os.read(self.master, 65_536).decode("utf-8", "replace")
                except OSError:
                    return _STYLES.sub("", shown)
                shown += read
            elif answer := self._answer(shown):
                self.press(answer)
        raise AssertionError(f"{self.line} did not end; it shows {shown[-1_000:]!r}")

    def _answer(self, shown: str) -> str | None:
        frame = _STYLES.sub("", shown.rpartition("\x1b[H")[2])
        for asks, answer in self.ANSWERS:
            if asks.search(frame):
                return answer
        return None


@pytest.fixture
def person(tmp_path: Path) -> Person:
    account = tmp_path / "account"
    mine = grow(tmp_path / "mine", tests=240)
    folders = {
        "shared-drive": mine.content,
        "seeds/contracts": mine.seeds,
        "tests/contracts": mine.tests,
    }
    for target, source in folders.items():
        (account / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, account / target)
    others = grow(tmp_path / "others", seeds=0, tests=520, content=0, mark="others")
    shutil.move(others.tests / "positive", account / "contracts")
    shutil.move(others.tests / "negative", account / "everything-else")
    mail = grow(tmp_path / "mail", seeds=0, tests=0, content=200, mark="mail")
    shutil.move(mail.content, account / "mail")
    write_documents(tmp_path / "news")
    _write_labels(account / "labels.json", tmp_path / "news")
    return Person(account, unused_port())


@pytest.mark.parametrize("target", ["setup", "demo", "demo ARGS=--retrain", "test"])
def test_make_does_what_the_readme_says(target: str) -> None:
    assert f"make {target}" in commands()
    expanded = subprocess.run(
        ["make", "--dry-run", *target.split()], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    name, _, arguments = target.partition(" ARGS=")
    wanted = {"test": "/pytest", "setup": ". .venv/bin/activate"}.get(
        name, f"/cultivar {name} {arguments}"
    )
    assert wanted.strip() in expanded


def test_each_line_works_as_it_stands_and_in_its_order(person: Person) -> None:
    """Lines of `make` are tested by what they run: the demonstration has tests of its own."""
    with person.at_work():
        for line in commands():
            if not line.startswith("make "):
                person.follows(line)


def _write_labels(file: Path, documents: Path) -> None:
    file.write_text(
        json.dumps(
            {
                "projectFileVersion": "2023-04-01",
                "metadata": {"projectKind": "CustomSingleLabelClassification", "language": "en"},
                "assets": {
                    "projectKind": "CustomSingleLabelClassification",
                    "classes": [{"category": name} for name in CLASSES],
                    "documents": [
                        {
                            "location": f"{name}/{path.name}",
                            "language": "en",
                            "class": {"category": name},
                            "text": path.read_text(encoding="utf-8"),
                        }
                        for name in CLASSES
                        for path in sorted((documents / name).iterdir())
                    ],
                },
            }
        ),
        encoding="utf-8",
    )
