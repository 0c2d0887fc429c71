"""A redacted chain: what it still proves, and every change that it must not let through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import Anchor, Entry, Row, anchored, chained, said_hash, verify
from cultivar.core.people.redaction import attestation, checkpoint, redacted

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KIM = "p-00000001"


def entry(actor: str, action: str, subject: str = "tenant", **details: object) -> Entry:
    return Entry(AT, actor, action, subject, details)


def chain(*entries: Entry) -> list[Row]:
    rows: list[Row] = []
    head = Anchor()
    for each in entries:
        row = chained(head, each)
        rows, head = [*rows, row], anchored(row)
    return rows


def appended(rows: list[Row], said: Entry) -> list[Row]:
    return [*rows, chained(anchored(rows[-1]) if rows else Anchor(), said)]


def separated(rows: list[Row]) -> list[Row]:
    return appended(
        rows,
        entry(
            "cultivar", AuditAction.NAMES_SEPARATED, "audit", **checkpoint(anchored(rows[-1]), 2)
        ),
    )


def before() -> list[Row]:
    return chain(
        entry("kim", "published", "contracts"),
        entry("alex", AuditAction.ROLE_GRANTED, "kim", role="record management"),
        entry("alex", AuditAction.TRAINER_GRANTED, "contracts", person="kim"),
        entry("alex", AuditAction.CRAWLED, "location:kim"),
    )


def erased(rows: list[Row], until: int) -> list[Row]:
    """Redact the rows up to a number, and attest that at the end."""
    changed = {
        row.number: replace(row, entry=redacted(row.entry, ["kim"], KIM)) for row in rows[:until]
    }
    attested = [each for each in changed.values() if each.entry != rows[each.number - 1].entry]
    rows = [changed.get(row.number, row) for row in rows]
    return appended(
        rows, entry("p-2", AuditAction.NAMES_REDACTED, KIM, **attestation(attested, said_hash))
    )


def test_only_what_stands_for_the_person_is_replaced() -> None:
    rows = erased(separated(before()), 4)
    said = [(row.entry.actor, row.entry.subject, dict(row.entry.details)) for row in rows[:4]]
    assert said == [
        (KIM, "contracts", {}),
        ("alex", KIM, {"role": "record management"}),
        ("alex", "contracts", {"person": KIM}),
        ("alex", "location:kim", {}),
    ]


def test_a_redacted_chain_is_whole_and_says_that_it_was_redacted() -> None:
    whole = separated(before())
    verdict = verify(erased(whole, 4), anchored(whole[-1]))
    assert verdict.sound
    assert "Names were taken out of 3 of them" in verdict.sentence
    assert verdict.anchor.count == 6


def reworded(rows: list[Row]) -> list[Row]:
    """Say of a redacted row more than was attested."""
    return [replace(rows[0], entry=replace(rows[0].entry, action="pointed back")), *rows[1:]]


def unattested(rows: list[Row]) -> list[Row]:
    return rows[:-1]


def of_a_later_row(rows: list[Row]) -> list[Row]:
    later = appended(rows, entry("p-2", "published", "contracts", person="kim"))
    changed = replace(later[-1], entry=redacted(later[-1].entry, ["kim"], KIM))
    said = attestation([changed], said_hash)
    end = entry("p-2", AuditAction.NAMES_REDACTED, KIM, **said)
    return [*later[:-1], changed, chained(anchored(later[-1]), end)]


def by_a_second_checkpoint(rows: list[Row]) -> list[Row]:
    """Redact a row that stands behind the checkpoint, with another one to excuse it."""
    later = appended(rows, entry("p-2", "published", "contracts", person="kim"))
    number = later[-1].number
    later = separated(later)
    changed = replace(later[number - 1], entry=redacted(later[number - 1].entry, ["kim"], KIM))
    said = attestation([changed], said_hash)
    end = entry("p-2", AuditAction.NAMES_REDACTED, KIM, **said)
    whole = [*later[: number - 1], changed, *later[number:]]
    return [*whole, chained(anchored(later[-1]), end)]


@pytest.mark.parametrize(
    ("forged", "broken"),
    [(reworded, 1), (unattested, 1), (of_a_later_row, 7), (by_a_second_checkpoint, 7)],
)
def test_what_no_redaction_may_do_is_found_and_the_row_named(
    forged: Callable[[list[Row]], list[Row]], broken: int
) -> None:
    verdict = verify(forged(erased(separated(before()), 4)))
    assert (verdict.sound, verdict.broken, verdict.code) == (False, broken, "audit-changed")


def test_a_log_without_a_checkpoint_can_have_nothing_redacted() -> None:
    verdict = verify(erased(before(), 4))
    assert (verdict.sound, verdict.broken) == (False, 1)


def test_a_checkpoint_that_states_another_chain_allows_nothing() -> None:
    rows = before()
    said = checkpoint(Anchor(4, "0" * 64), 2)
    rows = appended(rows, entry("cultivar", AuditAction.NAMES_SEPARATED, "audit", **said))
    assert verify(erased(rows, 4)).broken == 1


def test_a_row_redacted_for_two_people_is_whole() -> None:
    rows = erased(separated(before()), 4)
    changed = replace(rows[1], entry=redacted(rows[1].entry, ["alex"], "p-00000002"))
    said = attestation([changed], said_hash)
    end = entry("p-2", AuditAction.NAMES_REDACTED, "p-00000002", **said)
    rows = appended([rows[0], changed, *rows[2:]], end)
    assert verify(rows).sound


@given(st.integers(1, 5), st.sampled_from(["kim", "alex", "p-00000009", ""]))
def test_whoever_else_is_put_into_a_row_is_found(number: int, name: str) -> None:
    rows = erased(separated(before()), 4)
    row = rows[number - 1]
    if name in (row.entry.actor, before()[0].entry.actor if number == 1 else ""):
        return  # as it is, or as it was before the redaction: the recorded hash proves that too
    changed = replace(row, entry=replace(row.entry, actor=name))
    verdict = verify([changed if each.number == number else each for each in rows])
    assert not verdict.sound
    # a changed checkpoint excuses nothing, so the first redacted row is the one that is named
    assert verdict.broken == (number if number < 5 else 1)
