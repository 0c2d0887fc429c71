"""All that the registry holds, for making and migrating it."""

from sqlalchemy import MetaData

from cultivar.store.tables import (  # noqa: F401
    artifacts,
    audit,
    classifiers,
    feedback,
    keys,
    organisation,
    people,
    policies,
    projects,
    reviews,
    signing_in,
    work,
)
from cultivar.store.tables.base import Base


def all_tables() -> MetaData:
    """Return the description of every table."""
    return Base.metadata
