"""People: an id that says nothing, the name and address behind it, and what proves who they are.

Every other table keeps the id. Code reads and writes names: the types here put the one in the place
of the other in the statement itself, so that no record can keep a name by mistake.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    String,
    Table,
    TableClause,
    TypeDecorator,
    column,
    func,
    type_coerce,
)
from sqlalchemy import select as select_
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base


class PersonRow(Base):
    """A person. Erased, the row says nothing any more but what stands in the name's place."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    address: Mapped[str | None] = mapped_column(String(320))
    # names that the person had before: the oldest rows of the audit log may hold them
    former_names: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


_NAMED = PersonRow.__table__.alias("named")


class ShownPerson(TypeDecorator[str]):
    """An id that reads as its person's name; what is no person's id reads as it is."""

    impl = String(200)
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the name behind a column of ids."""
        kept = type_coerce(column, String)
        name = select_(_NAMED.c.name).where(_NAMED.c.id == kept).correlate_except(_NAMED)
        return func.coalesce(name.scalar_subquery(), kept, type_=self)


class PersonName(ShownPerson):
    """A column of ids that is read, written and compared by the names of people.

    A name that nobody has finds and matches nothing, and cannot be written where a value is needed.
    """

    cache_ok = True

    def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
        """Return the id of the person of that name."""
        wanted = _NAMED.c.name == type_coerce(bindvalue, String)
        return select_(_NAMED.c.id).where(wanted).scalar_subquery()


def as_stored(table: Table) -> TableClause:
    """Return a table whose columns of people give and take the ids themselves, as copies need."""
    return TableClause(
        table.name,
        *(
            column(each.name, String() if isinstance(each.type, ShownPerson) else each.type)
            for each in table.columns
        ),
    )


class BindingRow(Base):
    """What proves who a person is: an account of the operating system, by its name there."""

    __tablename__ = "binding"
    # account
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(320), primary_key=True)
    person: Mapped[str] = mapped_column(PersonName, index=True)
    bound_by: Mapped[str] = mapped_column(PersonName)
    bound_at: Mapped[datetime]
