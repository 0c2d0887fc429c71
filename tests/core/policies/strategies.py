"""Arbitrary conditions, policies and tables of items for the tests of this room."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    DateIs,
    FileTypeIn,
    FolderUnder,
    LocationIn,
    Not,
    Or,
    SizeIs,
    WorkloadIn,
)
from cultivar.core.policies.policy import Action, Afterwards, Kind, Policy
from cultivar.core.vocabulary import WORKLOADS

CLASSIFIERS = ("invoices", "contracts")
LOCATIONS = ("mail", "archive", "ä site")
FOLDERS = ("", "/", "/Finance", "/Finance/", "/Finance/2026", "/Financeé", "Finance", "/finance")
NAMES = ("a.pdf", "A.PDF", "a.tar.gz", "pdf", ".pdf", "a.İpdf", "a.\u212apdf", "a.kpdf", "", "a.")
PREDICTIONS = ("match", "close match", "no match")
moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 (the zone comes beside it)
    max_value=datetime(2026, 1, 3),  # noqa: DTZ001
    timezones=st.just(UTC),
)
sizes = st.sampled_from([0, 1, 999, 1000, 2**62])
scores = st.sampled_from([0.0, 0.5, 0.7, 0.8, 0.9, 1.0])


def _size(bounds: list[int | None]) -> SizeIs:
    low, high = bounds
    if low is None and high is None:
        return SizeIs(0)
    return SizeIs(*sorted([low, high])) if None not in bounds else SizeIs(low, high)  # type: ignore[type-var]


def _date(which: Any, first: datetime, second: datetime, shape: int) -> DateIs:
    since, before = sorted([first, second])
    if shape == 0 and since < before:
        return DateIs(which, since, before)
    return DateIs(which, since) if shape == 1 else DateIs(which, None, before)


leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        ClassifierIs,
        st.sampled_from(CLASSIFIERS),
        st.one_of(st.sampled_from(["match", "close match"]), scores),
    ),
    st.builds(LocationIn, st.lists(st.sampled_from(LOCATIONS), min_size=1, max_size=2).map(tuple)),
    st.builds(WorkloadIn, st.lists(st.sampled_from(WORKLOADS), min_size=1, max_size=2).map(tuple)),
    st.builds(FolderUnder, st.sampled_from([f for f in FOLDERS if f.strip("/")])),
    st.builds(
        FileTypeIn,
        st.lists(st.sampled_from(["pdf", "gz", "tar.gz", "kpdf"]), min_size=1).map(tuple),
    ),
    st.lists(sizes | st.none(), min_size=2, max_size=2).map(_size),
    st.builds(_date, st.sampled_from(["created", "modified"]), moments, moments, st.integers(0, 2)),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)

_COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "location": (pa.string(), st.sampled_from(LOCATIONS)),
    "workload": (pa.string(), st.sampled_from(WORKLOADS)),
    "folder": (pa.string(), st.sampled_from(FOLDERS)),
    "name": (pa.string(), st.sampled_from(NAMES)),
    "size": (pa.int64(), sizes),
    "created_at": (pa.timestamp("us", tz="UTC"), moments),
    "modified_at": (pa.timestamp("us", tz="UTC"), moments),
}
for _classifier in CLASSIFIERS:
    _COLUMNS[f"score:{_classifier}"] = (pa.float32(), scores)
    _COLUMNS[f"prediction:{_classifier}"] = (pa.string(), st.sampled_from(PREDICTIONS))


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Draw up to eight items; any value may be null and any column may be absent."""
    count = draw(st.integers(0, 8))
    present = draw(st.sets(st.sampled_from(sorted(_COLUMNS)), min_size=5))
    columns = {
        "item_id": pa.array([f"item {n}" for n in range(count)], pa.string()),
        "sha256": pa.array([f"{n:064x}" for n in range(count)], pa.string()),
    }
    for name in sorted(present):
        kind, values = _COLUMNS[name]
        drawn = draw(st.lists(st.none() | values, min_size=count, max_size=count))
        columns[name] = pa.array(drawn, kind)
    table = pa.table(columns)
    # several chunks, as a table read in row groups has
    return pa.concat_tables([table.slice(0, count // 2), table.slice(count // 2)])


actions = {
    Kind.SENSITIVITY: st.builds(Action, st.sampled_from(["secret", "internal"])),
    Kind.RETENTION: st.builds(
        Action,
        st.sampled_from(["keep 7", "keep 1"]),
        st.integers(1, 9999),
        st.sampled_from(Afterwards),
    ),
    Kind.COMMUNICATION: st.builds(
        lambda label, queue: Action(label, queue=queue),
        st.sampled_from(["tone"]),
        st.sampled_from(["desk 1", "desk 2"]),
    ),
}


@st.composite
def policies(draw: st.DrawFn, policy_id: str = "policy") -> Policy:
    """Draw a complete policy."""
    kind = draw(st.sampled_from(Kind))
    asked = ClassifierIs(draw(st.sampled_from(CLASSIFIERS)))
    join: Any = draw(st.sampled_from([And, Or]))
    return Policy(
        policy_id,
        draw(st.integers(1, 5)),
        f"the {policy_id}",
        kind,
        join((asked, draw(conditions))),
        draw(actions[kind]),
        draw(st.integers(1, 3)),
        draw(st.booleans()),
    )


@st.composite
def several_policies(draw: st.DrawFn) -> list[Policy]:
    """Draw up to five policies with ids of their own."""
    return [draw(policies(f"policy {n}")) for n in range(draw(st.integers(0, 5)))]
