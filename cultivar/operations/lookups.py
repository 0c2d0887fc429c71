"""Rows by the name or id that a person gives, and what to say where there is none.

Names are equal whatever the case of their letters and the form in which Unicode writes them.
"""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotFound
from cultivar.store.tables import ClassifierRow

if TYPE_CHECKING:
    from cultivar.store.tables import PolicyRow

Named = TypeVar("Named", ClassifierRow, "PolicyRow")
_SHOWN = 60


def name_key(name: str) -> str:
    """Return what equal names have in common."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def find_named(session: Session, table: type[Named], name: str, row_id: str = "") -> Named | None:
    """Return the row of that id or name, None where there is none; ids come first.

    ``row_id`` is the id that is meant where it is not the name itself.
    """
    found = session.get(table, row_id or name)
    if found is not None:
        return found
    # compared here, as SQLite folds the case of ASCII alone
    wanted = name_key(name)
    for known_id, known in session.execute(select(table.id, table.name).order_by(table.id)):
        if name_key(known) == wanted:
            return session.get(table, known_id)
    return None


def row_named(session: Session, table: type[Named], name: str, noun: str) -> Named:
    """Return the row of that id or name.

    Raises:
        NotFound: code ``unknown-<noun>``; the sentence offers near matches.
    """
    found = find_named(session, table, name)
    if found is not None:
        return found
    known = session.scalars(select(table.name).order_by(table.name)).all()
    raise unknown(noun, name, known, {"name": name})


def classifier_named(session: Session, name: str) -> ClassifierRow:
    """Return the classifier of that name or id; see ``row_named``."""
    return row_named(session, ClassifierRow, name, "classifier")


def unknown(
    noun: str,
    name: str,
    known: Iterable[str],
    facts: dict[str, object],
    *,
    of: str = "There is",
    note: str = "",
) -> NotFound:
    """Return the error of a name that nothing has; it offers names that may be meant."""
    cause = f"{of} no {noun} named {name[:_SHOWN]!r}{note}.{near_matches(name, known)}"
    return NotFound(f"unknown-{noun}", cause, facts)


def near_matches(name: str, known: Iterable[str]) -> str:
    """Return a sentence that offers what a name may have meant, or what there is."""
    by_folded = {each.lower(): each for each in known}
    near = [by_folded[each] for each in get_close_matches(name.lower(), list(by_folded), n=3)]
    if near:
        return f" Did you mean {' or '.join(near)}?"
    if not by_folded:
        return " There is none yet."
    listed = sorted(by_folded.values())
    rest = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return f" There are: {', '.join(listed[:5])}{rest}."
