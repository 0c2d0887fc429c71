"""What a person sees of a run in the Prefect UI: progress, gates and plots.

Only names of classifiers and locations, figures and sentences are shown; never a document.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import emit_event

from cultivar.core.gates import GateResult
from tasks import Progress

SECONDS_BETWEEN_UPDATES = 0.5


@contextmanager
def progress(stage: str, subject: str, also: Progress) -> Iterator[Progress]:
    """Show a bar that fills while the block works; call it as often as you like.

    ``also`` is told the same (the registry's run). Both are told at most twice a second, since
    each update costs the server a request.
    """
    bar = create_progress_artifact(
        0.0, key=artifact_key("progress", stage, subject), description=f"{stage}: {subject}"
    )
    shown = cast("UUID", bar)
    yield _Throttled(shown, also)
    update_progress_artifact(shown, progress=100.0)


def show_gate(result: GateResult, subject: str) -> None:
    """Show every check of a gate as a table."""
    create_table_artifact(
        key=artifact_key("gate", result.gate, subject),
        table=[_row(check.as_dict()) for check in result.checks],
        description=f"Gate {result.gate} of {subject}: **{result.outcome}**",
    )


def show_page(kind: str, subject: str, page: str) -> None:
    """Show a page of Markdown, such as a plot."""
    create_markdown_artifact(
        key=artifact_key(kind, subject), markdown=page, description=f"{kind}: {subject}"
    )


def show_table(kind: str, subject: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Show a table of figures; columns are the keys of the first row."""
    create_table_artifact(
        key=artifact_key(kind, subject),
        table=[dict(row) for row in rows],
        description=f"{kind}: {subject}",
    )


def announce(transition: str, classifier_id: str, facts: Mapping[str, str | int | float]) -> None:
    """Emit the event of a lifecycle transition, as ``cultivar.classifier.<transition>``."""
    emit_event(
        event=f"cultivar.classifier.{transition}",
        resource={
            "prefect.resource.id": f"cultivar.classifier.{classifier_id}",
            "prefect.resource.name": classifier_id,
        },
        payload=dict(facts),
    )


def artifact_key(*parts: str) -> str:
    """Return a key that Prefect accepts: lower-case letters, digits and single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def _row(check: Mapping[str, str]) -> dict[str, str]:
    shown = ("name", "outcome", "observed", "expected", "sentence", "code")
    return {column: check[column] for column in shown}


class _Throttled:
    def __init__(self, bar: UUID, also: Progress) -> None:
        self._bar = bar
        self._also = also
        self._told = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._told < SECONDS_BETWEEN_UPDATES:
            return
        self._told = time.monotonic()
        self._also(done, total)
        if total:
            update_progress_artifact(self._bar, progress=min(100.0, 100.0 * done / total))
