"""What is on record of one item, in sentences: what was said of it, on whose word and evidence.

It words what the operation found; every figure stands in the JSON answer too.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.terminal.texts import on_a_line, strong
from cultivar.core.figures import probability_in_words

if TYPE_CHECKING:
    from cultivar.operations.content.item_history import ItemOn, Label, Predicted, Version
    from cultivar.operations.content.label_history import LabelDeed

_MADE = {
    "training": "its first training",
    "review": "learning from the review",
    "retraining": "a retraining on feedback",
    "built-in": "the makers of Cultivar",
}


def lines_of(found: "ItemOn") -> Iterator[str]:
    """Yield the lines that tell what held of an item at a moment, and how that came about."""
    place = strong(f"{found.location}/{found.path}")
    yield f"{place} ({found.item_id}), {_at(found.on)}"
    told = set()
    for said in found.predictions:
        yield _prediction(said)
        if said.version.version_id not in told:
            yield from _version(said.version)
        told.add(said.version.version_id)
    for label in found.labels:
        yield _label(label)
        if label.version and label.version.version_id not in told:
            yield from _version(label.version)
    if found.history:
        yield "What befell its labels:"
        yield from (f"  {_deed(each)}" for each in found.history)
    if not (found.predictions or found.labels):
        yield "Nothing had labelled it by then."


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _prediction(said: "Predicted") -> str:
    score = f" ({probability_in_words(said.score)})" if said.score is not None else ""
    return (
        f"{said.classifier}: {said.prediction}{score}, says version {said.version.number} "
        f"({said.version.version_id}), run by {said.labelled_by} on {_at(said.labelled_at)}."
    )


def _version(version: "Version") -> Iterator[str]:
    made = f"  Version {version.number} comes from {_MADE.get(version.reason, version.reason)}"
    approval = version.approval
    if approval is None:
        yield f"{made}; no publication of it is on record before that."
        return
    yield (
        f"{made}; it was approved by {approval.actor} on {_at(approval.at)} (publication "
        f"{approval.number})."
    )
    yield f"  Evidence: {'; '.join(_evidence(approval.evidence))}."


def _evidence(stated: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures on which a publication was decided."""
    if stated.get("accuracy") is not None:
        yield (
            f"accuracy {stated['accuracy']:.1%} over {stated['decided']} reviews (95 % interval "
            f"{stated['lower']:.1%} to {stated['upper']:.1%}, target {stated['target']:.0%})"
        )
    elif stated.get("batches") == 0:
        yield "no review"
    if "points_back_to" in stated:
        yield f"that of publication {stated['points_back_to']}, to which it points back"
    yield from _comparison(stated.get("comparison") or {})
    report = stated.get("release_report") or {}
    if report:
        yield _report(report)
    if stated.get("override_reason"):
        reason = on_a_line(stated["override_reason"]).rstrip(".")
        yield f'decided against the advice: "{reason}"'


def _comparison(stated: Mapping[str, Any]) -> Iterator[str]:
    for items, versions in stated.get("sets", {}).items():
        before, after = (versions[name].get("accuracy") for name in ("published", "retrained"))
        if before and after:
            yield (
                f"{items} ({versions['retrained']['items']}): accuracy {before['estimate']:.1%} "
                f"before, {after['estimate']:.1%} with this version"
            )
    if "recommendation" in stated:
        yield f"advice: {stated['recommendation']['action']}"


def _report(stated: Mapping[str, Any]) -> str:
    figures = {k: v for k, v in stated["figures"].items() if "estimate" in v}
    parts = []
    if "labelled" in figures:
        labelled = figures["labelled"]["estimate"]
        parts.append(f"labels about {labelled:,.0f} of {stated['documents']:,} documents")
    parts += [
        f"{name} {figures[name]['estimate']:.0%} ({figures[name]['lower']:.0%} to "
        f"{figures[name]['upper']:.0%})"
        for name in ("precision", "recall")
        if name in figures
    ]
    return f"release report ({stated['grade']}): {', '.join(parts) or 'no figure'}"


def _label(label: "Label") -> str:
    by = f"policy {label.policy}, version {label.policy_version}" if label.policy else "hand"
    ground = f", on version {label.version.number} of the classifier" if label.version else ""
    return (
        f'{label.kind.capitalize()} "{on_a_line(label.label)}": given by {by}{ground}, '
        f"{label.given_by} on {_at(label.given_at)}."
    )


def _deed(tx: "LabelDeed") -> str:
    by = f"policy {tx.policy}, version {tx.policy_version}" if tx.policy else "hand"
    if tx.policy is None and tx.given is None:
        what = f"{tx.kind}: {tx.cause}"
    elif tx.given is None:
        how = "undone" if tx.cause == "undo" else "taken back"
        why = f' ("{on_a_line(tx.reason)}")' if tx.reason else ""
        what = f'{tx.kind} "{on_a_line(tx.taken or "")}" {how}{why}, {by}'
    else:
        instead = f' in place of "{on_a_line(tx.taken)}"' if tx.taken else ""
        what = f'{tx.kind} "{on_a_line(tx.given)}" given{instead}, {by}'
    return f"{_at(tx.at)}: {what}, {tx.actor}."
