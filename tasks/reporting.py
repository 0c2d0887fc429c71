"""What a person sees of a run in the Prefect UI: progress, pages and tables.

Only names of classifiers and locations, figures and sentences are shown; never a document.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import cast
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import emit_event

from tasks import Progress, artifact_key

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
    throttled = _Throttled(cast("UUID", bar), also)
    try:
        yield throttled
    except BaseException:
        # what ended the run must not be hidden by a server that is out of reach
        with suppress(Exception):
            throttled.give_up(f"{stage}: {subject}")
        raise
    update_progress_artifact(throttled.bar, progress=100.0)


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


class _Throttled:
    def __init__(self, bar: UUID, also: Progress) -> None:
        self.bar = bar
        self._also = also
        self._told = 0.0
        self._share = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._told < SECONDS_BETWEEN_UPDATES:
            return
        self._told = time.monotonic()
        self._also(done, total)
        if total:
            self._share = min(100.0, 100.0 * done / total)
            update_progress_artifact(self.bar, progress=self._share)

    def give_up(self, what: str) -> None:
        """Say that it goes no further."""
        ended = f"{what}. **It failed here**; the log says why."
        update_progress_artifact(self.bar, progress=self._share, description=ended)
