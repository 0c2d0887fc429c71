"""Where each artifact is, and which artifacts it was made from.

Holds nothing that stands in the artifact itself but its header's facts.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cultivar.store.tables.base import Base


class ArtifactRow(Base):
    """One immutable file of the artifact store, with where it came from and whether it is there."""

    __tablename__ = "artifact"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    # relative to the artifact store's root, so that a moved home stays whole
    path: Mapped[str] = mapped_column(Text)
    schema_name: Mapped[str] = mapped_column(String(60))
    rows: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    producer: Mapped[str] = mapped_column(String(100))
    run_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    # since when nothing needs it, as a store sweep noted; None while something does
    unneeded_at: Mapped[datetime | None]
    # when the file was swept; the row stays, so that lineage can still be read
    swept_at: Mapped[datetime | None]


class ArtifactInput(Base):
    """An edge of the lineage: ``output`` was made from ``input`` in the named part."""

    __tablename__ = "artifact_input"
    output_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), primary_key=True)
    input_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"), index=True)


class SweptCrawlRow(Base):
    """What is left of a crawl whose items were swept: how its names differ from a later crawl's.

    ``next_sha256`` is the crawl of the same location that followed, swept in its turn or not; None
    where none did, so that the difference holds every name.
    """

    __tablename__ = "swept_crawl"
    sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"), primary_key=True)
    next_sha256: Mapped[str | None] = mapped_column(ForeignKey("artifact.sha256"))
    difference_sha256: Mapped[str] = mapped_column(ForeignKey("artifact.sha256"))
