"""What the demonstration reports at its end: status, accuracy, labels, times.

Figures of the sample organisation show how Cultivar works; they prove nothing about quality.
"""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from cultivar.core.review.accuracy import wilson_interval
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import id_from
from cultivar.operations.review.verdicts import review_state
from cultivar.operations.scoring.labelling import labellings
from cultivar.operations.scoring.measurement import measure
from cultivar.store.workspace import Workspace
from demo.material import Material


def report_of(workspace: Workspace, actor: str, material: Material) -> dict[str, Any]:
    """Return what the registry says of the classifier, and how it did against held labels."""
    classifier = id_from(material.classifier)
    state = classifier_state(workspace, classifier)
    review = review_state(workspace, actor, classifier)
    return {
        "classifier": state.name,
        "classifier_id": classifier,
        "status": str(state.status),
        "published_version": state.published_version,
        "accuracy": review.accuracy,
        "interval": [review.lower, review.upper],
        "reviewed": review.reviewed,
        "decided": review.decided,
        "not_stable_because": list(review.reasons),
        "items_needed": review.items_needed,
        "labelled": [
            {
                "location": row.location,
                "items": row.items,
                "matches": row.matches,
                "close_matches": row.close_matches,
            }
            for row in labellings(workspace, actor)
            if row.classifier == classifier
        ],
        "against_held_labels": _against(workspace, actor, classifier, material),
    }


def _against(
    workspace: Workspace, actor: str, classifier: str, material: Material
) -> dict[str, Any]:
    found = measure(workspace, actor, classifier, material.held)
    labelled = found.true_positives + found.false_positives
    relevant = found.true_positives + found.false_negatives
    return {
        "items": found.total,
        "relevant": relevant,
        "precision": found.true_positives / labelled if labelled else None,
        "precision_interval": wilson_interval(found.true_positives, labelled),
        "recall": found.true_positives / relevant if relevant else None,
        "recall_interval": wilson_interval(found.true_positives, relevant),
    }


def print_report(console: Console, report: Mapping[str, Any]) -> None:
    """Print what the first half came to, for a person."""
    table = Table(title=f"{report['classifier']}: {report['status']}", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in _rows(report):
        table.add_row(name, value)
    console.print(table)


def print_times(console: Console, report: Mapping[str, Any]) -> None:
    """Print how long it took and where to look next."""
    slowest = sorted(report["seconds"].items(), key=lambda lap: -lap[1])[:4]
    total = sum(report["seconds"].values())
    listed = ", ".join(f"{name.lower()} {seconds:.0f} s" for name, seconds in slowest)
    console.print(f"{total:.0f} seconds in all; the longest steps: {listed}.")
    console.print(
        f"Where to look next: `cultivar status` and `cultivar explain`; `cultivar up` shows the "
        f"runs, gates and plots in the Prefect UI at {report['prefect']}."
    )


def _rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("Published version", report["published_version"] or "none")]
    if report["accuracy"] is not None:
        lower, upper = report["interval"]
        rows.append(
            (
                "Accuracy",
                f"{report['accuracy']:.1%} (95 % interval {lower:.1%} to {upper:.1%}), "
                f"{report['decided']} reviews decided, {report['review']}",
            )
        )
    rows += [("Not stable", reason) for reason in report["not_stable_because"]]
    rows += [
        (
            f"Labelled: {row['location']}",
            f"{row['matches']:,} match, {row['close_matches']:,} close match "
            f"of {row['items']:,} items",
        )
        for row in report["labelled"]
    ]
    held = report["against_held_labels"]
    rows += [
        (
            f"{name.capitalize()} against held labels",
            f"{held[name]:.3f} (95 % interval {held[f'{name}_interval'][0]:.3f} to "
            f"{held[f'{name}_interval'][1]:.3f})",
        )
        for name in ("precision", "recall")
        if held[name] is not None
    ]
    return rows
