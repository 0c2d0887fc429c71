"""The second half of the life on real input: policies, feedback and retraining, by commands alone.

``python -m benchmarks.real_second_half`` writes two categories of two real corpora as files and as
mail, then runs nothing but ``cultivar`` commands: two classifiers, three policies, dry run, apply,
30 verdicts (from held labels), the retraining that the 30th starts, overview, republish, labels
evaluated again, undo. It prints each command with its seconds, and precision and recall before and
after, counted on the held labels of items that nobody judged.

A retraining is republished where the overview recommends it. Where it does not, 30 further items
are judged; after the second retraining, the last that a day allows, the version is republished with
a reason, so that what was not recommended is measured as well.
"""

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpora import Category, categories
from benchmarks.real_files import Shares, write
from benchmarks.real_job import Terminal, held_labels, show_quality, verdicts
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN, RETRAININGS_A_DAY
from cultivar.operations.classifiers.classifiers import id_from
from cultivar.operations.scoring.labelling import labellings
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace

JOBS = {
    "cfpb_complaints": ("mortgage", "debt_collection"),
    "newsgroups20": ("sci.space", "rec.autos"),
}
REASON = "Republished against the recommendation, to be measured on held labels"
UNSTABLE = "Published unstable, as the benchmark needs it in a policy"
ROLES = ("record management", "insider risk management administrator")
RETRAINED_WITHIN = 900.0


@dataclass(frozen=True)
class Scene:
    """One corpus at play: where commands run, the files of both classifiers, the held labels."""

    terminal: Terminal
    first: Path
    second: Path
    names: tuple[str, str]
    held: dict[str, bool]

    @property
    def classifier(self) -> str:
        """The id of the classifier that is retrained."""
        return id_from(self.names[0])

    def ask(self, *arguments: str, quiet: bool = False) -> Any:
        """Run a command that answers in JSON."""
        return json.loads(self.terminal.run(*arguments, "--json", quiet=quiet))


def play(both: tuple[Category, Category], scratch: Path, shares: Shares) -> None:
    """Write the files and play both halves by commands."""
    counts = write(both[0], scratch / "first", shares)
    write(both[1], scratch / "second", Shares(content=0))
    names = (both[0].name, both[1].name)
    print(f"\n{both[0].corpus}, {names[0]} and {names[1]}: {counts}", flush=True)
    held = held_labels(scratch / "first")
    scene = Scene(Terminal(scratch / "home"), scratch / "first", scratch / "second", names, held)
    with scene.terminal.up():
        _first_half(scene)
        before = _matches(scene)
        _policies(scene)
        judged = _rounds(scene)
        scene.terminal.run("label")
        after = _matches(scene)
        _apply(scene)
        scene.terminal.run("policy", "undo", "desk", "--yes", "--reason", "Shown by the benchmark")
    scene.terminal.run("verify", scene.classifier)
    print(f"  {sum(took for _, took in scene.terminal.seconds):6.1f} s  in all")
    unseen = {name: label for name, label in held.items() if name not in judged}
    print(f"  on the {len(unseen):,} items that nobody judged, {sum(unseen.values())} relevant")
    for when, found in (("before", before), ("after", after)):
        print(f"  {when}:")
        show_quality(unseen, found - judged)


def _first_half(scene: Scene) -> None:
    run = scene.terminal.run
    run("location", "add", "mail", str(scene.first / "mail"), "--workload", "exchange")
    run("opt-in", "--content", str(scene.first / "content"))
    for name, files in zip(scene.names, (scene.first, scene.second), strict=True):
        run("create", name, "--seeds", str(files / "seeds"), "--yes")
        run("add-test", name, str(files / "tests"), "--yes")
        run("review", name, "--verdicts", str(verdicts(files)))
        stable = scene.ask("status", name, quiet=True)["classifier"]["status"] == "Ready to use"
        run("publish", name, "--yes", *(() if stable else ("--override", UNSTABLE)))
    run("label")


def _policies(scene: Scene) -> None:
    run, classifier, other = scene.terminal.run, scene.classifier, id_from(scene.names[1])
    for role in ROLES:
        run("role", "grant", "alex", role)
    run("policy", "create", "Confidential", "--kind", "sensitivity", "--classifier", other,
        "--label", "Confidential")  # fmt: skip
    run("policy", "create", "Keep", "--kind", "retention", "--classifier", classifier,
        "--at-least", "match", "--label", "Six years", "--retain-days", "2190",
        "--then", "review before deletion")  # fmt: skip
    run("policy", "create", "Desk", "--kind", "communication", "--classifier", classifier,
        "--workload", "exchange", "--label", "For the desk", "--queue", "desk")  # fmt: skip
    for policy in ("confidential", "keep", "desk"):
        tried = scene.ask("policy", "dry-run", policy)
        print(f"           would label {tried['would_label']:,} of {tried['items']:,} items")
    _apply(scene)


def _apply(scene: Scene) -> None:
    """Apply, and accept what waits once it was shown."""
    found = scene.ask("policy", "apply", "--yes")["locations"]
    for each in found:
        counts = {name: each["counts"][name] for name in ("added", "removed", "unchanged")}
        print(f"           {each['location']}: {counts}{', waits' if each['waits'] else ''}")
    tokens = [part for each in found if each["waits"] for part in ("--accept", each["token"])]
    if tokens:
        scene.ask("policy", "apply", *tokens)


def _rounds(scene: Scene) -> set[str]:
    """Judge, let it retrain, decide; return the names of the files that were judged."""
    judged: set[str] = set()
    for number in range(1, RETRAININGS_A_DAY + 1):
        judged |= _judge(scene, judged, number)
        _wait_for(scene, number)
        found = scene.ask("retrain", "overview", scene.classifier)["overview"]
        _show_overview(found)
        if found["recommendation"]["decision"] == "republish":
            scene.terminal.run("retrain", "republish", scene.classifier, "--yes")
            break
        if number < RETRAININGS_A_DAY:
            scene.terminal.run("retrain", "more", scene.classifier)
        else:
            scene.terminal.run(
                "retrain", "republish", scene.classifier, "--yes", "--reason", REASON
            )
    return judged


def _judge(scene: Scene, judged: set[str], number: int) -> set[str]:
    """Send 30 verdicts on listed mail, close matches first, in one call."""
    listed = scene.ask("feedback", scene.classifier, "--list")["items"]
    new = [each for each in listed if each["name"] not in judged][:CORRECTIONS_TO_RETRAIN]
    file = scene.first / f"feedback-{number}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = ((each["item_id"], _verdict(scene, each["name"])) for each in new)
        csv.writer(stream).writerows([("item_id", "verdict"), *rows])
    scene.terminal.run("feedback", scene.classifier, "--verdicts", str(file))
    names = {each["name"] for each in new}
    right = sum(scene.held[name] for name in names)
    print(f"           {len(names)} of {len(listed)} listed judged: {right} match, "
          f"{len(names) - right} not a match")  # fmt: skip
    return names


def _verdict(scene: Scene, name: str) -> str:
    return "match" if scene.held[name] else "not a match"


def _wait_for(scene: Scene, number: int) -> None:
    """Look until the retraining that the last verdict started has ended; nothing starts it here."""
    began = time.monotonic()
    while time.monotonic() - began < RETRAINED_WITHIN:
        status = scene.ask("retrain", "status", scene.classifier, quiet=True)["retraining"]
        made = status["retrainings"]
        if len(made) == number and made[-1]["outcome"]:
            took = time.monotonic() - began
            scene.terminal.seconds.append(("retraining", took))
            print(f"  {took:6.1f} s  (waited: retraining {number} {made[-1]['outcome']})")
            return
        time.sleep(1.0)
    raise SystemExit("the retraining did not end")


def _show_overview(found: dict[str, Any]) -> None:
    print(f"           recommended: {found['recommendation']['action']}")
    for reason in found["recommendation"]["reasons"]:
        print(f"           {reason}", flush=True)


def _matches(scene: Scene) -> set[str]:
    """Return the names of the files that the live version labels, from its newest assignments."""
    with open_workspace(read_settings(scene.terminal.environment), create=False) as workspace:
        files = [
            row.assignments
            for row in labellings(workspace, "alex")
            if row.classifier == scene.classifier
        ]
        tables = [workspace.artifacts.read(workspace.artifacts.reference(each)) for each in files]
    rows: Iterable[dict[str, Any]] = (row for table in tables for row in table.to_pylist())
    return {str(row["name"]) for row in rows if row["prediction"] == "match"}


def main() -> int:
    """Play the corpora and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--content", type=int, default=1_500, help="files to label")
    parser.add_argument("--mail", type=int, default=1_500, help="messages to label")
    parser.add_argument("--corpora", nargs="+", choices=sorted(JOBS), default=list(JOBS))
    options = parser.parse_args()
    for corpus in options.corpora:
        known = {each.name: each for each in categories((corpus,))}
        both = (known[JOBS[corpus][0]], known[JOBS[corpus][1]])
        with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
            play(both, Path(scratch), Shares(content=options.content, mail=options.mail))
    return 0


if __name__ == "__main__":
    sys.exit(main())
