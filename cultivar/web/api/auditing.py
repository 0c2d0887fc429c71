"""The audit log: looked through, verified, exported, and asked about one item.

Each row is written by the deed that it tells of; nothing here changes one.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from cultivar.core.audit_chain import anchor_name, anchor_named
from cultivar.operations.audit.audit import Wanted, audit_entries, export_audit, verify_audit
from cultivar.operations.content.item_history import item_on
from cultivar.web.api.explorer import Moment
from cultivar.web.api.routing import answer_of, router_of
from cultivar.web.context import Context, CurrentUser

router = router_of("audit")
Words = Annotated[str | None, Query(max_length=500)]


class EntriesAnswer(BaseModel):
    """Rows, the newest first; ``next`` is ``before`` of the next page, null at the end."""

    items: list[dict[str, Any]]
    next: int | None


class VerificationAnswer(BaseModel):
    """What walking the log found; ``anchor`` is worth noting elsewhere."""

    sound: bool
    rows: int
    sentence: str
    anchor: str


async def wanted(subject: Words = None, actor: Words = None, action: Words = None) -> Wanted:
    """Return which rows to show."""
    return Wanted(subject, actor, action)


@router.get("/audit")
def show_entries(
    context: Context,
    user: CurrentUser,
    shown: Annotated[Wanted, Depends(wanted)],
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> EntriesAnswer:
    """List who did what, the newest first."""
    found = audit_entries(context.workspace, user.actor, shown, before=before, limit=limit)
    following = found[-1].number if len(found) == limit else None
    return EntriesAnswer(items=answer_of({"rows": found})["rows"], next=following)


@router.get("/audit/verification")
def verify(
    context: Context,
    user: CurrentUser,
    anchor: Annotated[
        str | None, Query(max_length=200, description="An anchor that was noted earlier.")
    ] = None,
) -> VerificationAnswer:
    """Walk the whole log and say whether it is whole; a broken row is named in the sentence."""
    kept = anchor_named(anchor) if anchor else None
    found = verify_audit(context.workspace, user.actor, kept)
    return VerificationAnswer(
        sound=found.sound, rows=found.anchor.count, sentence=found.sentence,
        anchor=anchor_name(found.anchor),
    )  # fmt: skip


@router.get("/audit/export", response_class=StreamingResponse)
def export(context: Context, user: CurrentUser) -> StreamingResponse:
    """Return every row as one line of canonical JSON, which can be verified without a registry."""
    lines = export_audit(context.workspace, user.actor)
    first = next(lines, None)  # who may not read it is refused before the answer begins

    def told() -> Iterator[str]:
        if first is not None:
            yield f"{first}\n"
        yield from (f"{line}\n" for line in lines)

    return StreamingResponse(told(), media_type="application/x-ndjson")


@router.get("/audit/items/{item}")
def show_item(
    context: Context,
    user: CurrentUser,
    item: Annotated[str, Path(min_length=1, max_length=1_000)],
    on: Annotated[Moment | None, Query(description="At this moment; now if left out.")] = None,
) -> dict[str, Any]:
    """Say what labelled an item, who approved that, on what evidence, what befell its labels."""
    return answer_of(item_on(context.workspace, user.actor, item, on))
