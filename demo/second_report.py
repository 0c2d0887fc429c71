"""What the demonstration reports of the second half: policies, verdicts, versions, differences.

It reads the registry and measures both versions on items that nobody judged; it plays nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from cultivar.core.learning.evaluation import Counts
from cultivar.core.retraining.feedback import MATCH
from cultivar.core.review.accuracy import wilson_interval
from cultivar.core.serialisation import as_json
from cultivar.operations.policies.policies import list_policies
from cultivar.operations.policies.policy_changes import Application, applications
from cultivar.operations.retraining.feedback_views import feedback_status
from cultivar.operations.retraining.retrainings import overview
from cultivar.operations.scoring.measurement import measure_version
from demo.play import Demo
from demo.second_half import DESK, Played, judged_ids

WIDEST = 130
CHANGES = ("added", "removed", "changed", "unchanged")


def second_report(demo: Demo, played: Played) -> dict[str, Any]:
    """Return what the second half came to, as plain values."""
    workspace, actor, classifier = demo.workspace, demo.actor, demo.classifier
    made = overview(workspace, actor, classifier)
    verdicts = feedback_status(workspace, actor, classifier).verdicts
    matches = sum(each.verdict == MATCH for each in verdicts)
    applied = applications(workspace, actor)
    versions = {"published": made.published_version, "retrained": made.retrained_version or ""}
    again = [
        row
        for row in applied
        if row.cause == "apply" and row.versions.get(classifier) == versions["retrained"]
    ]
    return {
        "classifier": demo.state.name,
        "policies": [
            {"name": each.name, "kind": each.kind, "sentence": each.sentence}
            for each in list_policies(workspace, actor)
        ],
        "dry_runs": [_trial(each) for each in played.trials],
        "applied": _summed(row for row in applied if row.cause == "apply" and row not in again),
        "verdicts": {"match": matches, "not a match": len(verdicts) - matches},
        "verdicts_by": "simulated from held labels",
        "recommendation": made.recommendation,
        "decision": made.decision,
        "versions": versions,
        "sets": made.sets,
        "evaluated_again": _summed(again),
        "undone": {
            "policy": DESK,
            "taken_back": _summed(row for row in applied if row.cause == "undo")["removed"],
        },
        "against_held_labels": _measured(demo, versions),
    }


def _trial(found: Any) -> dict[str, Any]:
    return {
        "policy": found.policy.name,
        "items": found.items,
        "would_label": found.would_label,
        "expected_wrong": as_json(found.expected_wrong),
    }


def _summed(rows: Iterable[Application]) -> dict[str, int]:
    counts = [row.counts for row in rows]
    return {name: sum(each[name] for each in counts) for name in CHANGES}


def _measured(demo: Demo, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return both versions' precision and recall on the held labels of items that nobody judged."""
    judged = judged_ids(demo.workspace, demo.actor, demo.classifier)
    found = {
        name: measure_version(
            demo.workspace,
            demo.actor,
            (demo.classifier, version),
            demo.material.held,
            without=judged,
        )
        for name, version in versions.items()
    }
    return {name: _shares(each) for name, each in found.items()} | {"judged": len(judged)}


def _shares(found: Counts) -> dict[str, Any]:
    labelled = found.true_positives + found.false_positives
    relevant = found.true_positives + found.false_negatives
    return {
        "items": found.total,
        "labelled": labelled,
        "relevant": relevant,
        "right": found.true_positives,
        "precision": found.true_positives / labelled if labelled else None,
        "precision_interval": wilson_interval(found.true_positives, labelled),
        "recall": found.true_positives / relevant if relevant else None,
        "recall_interval": wilson_interval(found.true_positives, relevant),
    }


def print_second_half(console: Console, report: Mapping[str, Any]) -> None:
    """Print the report of the second half for a person."""
    width = min(console.width, WIDEST)
    table = Table(title=f"{report['classifier']}: retrained", show_header=False, width=width)
    table.add_column(style="bold")
    table.add_column()
    for name, value in _rows(report):
        table.add_row(name, value)
    console.print(table)


def _rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("Policy", each["sentence"]) for each in report["policies"]]
    rows += [(f"Tried: {each['policy']}", _trial_line(each)) for each in report["dry_runs"]]
    verdicts = ", ".join(f"{count} {name}" for name, count in report["verdicts"].items())
    recommended = report["recommendation"]
    return [
        *rows,
        ("Applied", _counts_line(report["applied"])),
        ("Verdicts", f"{verdicts}, {report['verdicts_by']}"),
        *(_set_row(name, versions) for name, versions in report["sets"].items()),
        ("Recommended", f"{recommended['action']}: {' '.join(recommended['reasons'])}"),
        ("Decided", f"{report['decision']}: {report['versions']['retrained']}"),
        ("Labels evaluated again", _counts_line(report["evaluated_again"])),
        ("Undone", f"{report['undone']['policy']}: {report['undone']['taken_back']} labels"),
        *_held_rows(report["against_held_labels"]),
    ]


def _set_row(name: str, versions: Mapping[str, Any]) -> tuple[str, str]:
    """Return what the overview says of one set of items, neither version having learned it."""
    said = [
        f"{version} precision {_estimate(each['precision'])}, recall {_estimate(each['recall'])}"
        for version, each in versions.items()
    ]
    size = next(iter(versions.values()))["items"]
    return f"{name.capitalize()} ({size})", "; ".join(said)


def _estimate(figure: Mapping[str, float] | None) -> str:
    return "none" if figure is None else f"{figure['estimate']:.3f}"


def _trial_line(each: Mapping[str, Any]) -> str:
    line = f"{each['would_label']:,} of {each['items']:,} items would be labelled"
    for stated in each["expected_wrong"]:
        wrong = stated["wrong"]
        if wrong is not None:
            line += (
                f"; expected wrong {wrong['estimate']:,.0f} ({wrong['lower']:,.0f} to "
                f"{wrong['upper']:,.0f}, {stated['grade']})"
            )
    return line


def _counts_line(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in CHANGES)


def _held_rows(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    where = f"held labels of {held['retrained']['items']:,} items that nobody judged"
    rows = []
    for name in ("precision", "recall"):
        said = [_share(held[version], name) for version in ("published", "retrained")]
        rows.append((f"{name.capitalize()}, before and after", f"{said[0]}, {said[1]}; {where}"))
    return rows


def _share(found: Mapping[str, Any], name: str) -> str:
    if found[name] is None:
        return "none"
    low, high = found[f"{name}_interval"]
    return f"{found[name]:.3f} ({low:.3f} to {high:.3f})"
