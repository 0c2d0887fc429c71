"""Where documents are, as a person names it: site/library/folder, a path, or a URL.

A path or URL that no location holds is added as a location of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.base.confirmation import agrees
from cli.base.crawls import crawl_location, keep_crawl, read_aside
from cli.base.session import Session
from cultivar import operations
from cultivar.content.formats import file_type_of
from cultivar.content.locations import Source
from cultivar.content.stores import require_place
from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.texts.shown_places import shown_place

if TYPE_CHECKING:
    from cultivar.operations.content.crawling import Aside
    from cultivar.operations.content.locations import KnownLocation


def source_named(session: Session, text: str, purpose: str, *, yes: bool) -> "Source":
    """Return the source that ``text`` names, crawled at least once.

    A path or URL that no location holds is added and crawled on the spot.

    ``purpose`` (``seed`` or ``test``) is that of a location that has to be added for it.

    Raises:
        NotFound: it is no known location, and no folder or URL either.
        InvalidInput: code ``no-such-folder``; it is a path, and no folder is there.
        NotReady: code ``not-crawled``; it was never crawled, and nobody agreed to do that.
    """
    source = known_source(session, text)
    # Whoever names a folder by its path wants it read, also where a crawl of it broke off; a known
    # location may wait for its crawl.
    yes = yes or looks_like_a_place(text)
    if source is None:
        yes = True
        add_place(session, text, purpose)
        source = known_source(session, text)
    assert source is not None  # noqa: S101 - it was added
    offer_crawl(session, operations.content.location_named(session.workspace, source.site), yes=yes)
    return source


# files that hold items, as folders do
_CONTAINERS = ("archive", "mailbox")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that a person named; ``aside`` holds what was read of it where none of it is kept.

    ``location`` is the one that it lies in, in the registry or not.
    """

    source: "Source"
    location: "KnownLocation | None" = None
    aside: "Aside | None" = None

    def keep(self, session: Session) -> None:
        """Keep what was read, in a location of its own where there is none yet."""
        if self.location is None or self.aside is None:
            return

        known = self.location
        added = operations.content.add_location(
            session.workspace, session.actor, known.name, known.url, known.workload,
            purpose=known.purpose,
        )  # fmt: skip
        session.tell(f"{known.place} is the location {known.name}.")
        keep_crawl(session, added, self.aside)


@contextmanager
def looked_into(session: Session, text: str, purpose: str, *, yes: bool) -> Iterator[Place]:
    """Yield the place that ``text`` names; what was never crawled is read, and not kept by itself.

    Raises: as ``source_named``.
    """
    source = known_source(session, text)
    if source is not None:
        known = operations.content.location_named(session.workspace, source.site)
        if known.items_sha256 is not None or not agrees_to_crawl(session, known, yes=yes):
            yield Place(source)
            return
    else:
        known, source = _new_place(session, text, purpose)
    with read_aside(session, known) as aside:
        yield Place(source, known, aside)


def _new_place(session: Session, text: str, purpose: str) -> "tuple[KnownLocation, Source]":
    url = absolute(text)
    name = free_name(url, {each.name for each in operations.content.locations(session.workspace)})
    return operations.content.KnownLocation(name, url, "files", purpose, None, None, {}), Source(
        name
    )


def known_source(session: Session, text: str) -> "Source | None":
    """Return the source in a known location that ``text`` names, None for a place not added yet.

    Raises: as ``source_named``.
    """
    try:
        return _folder(session, operations.content.resolve_source(session.workspace, text))
    except NotFound as error:
        unknown = error
    if not looks_like_a_place(text):
        if text.startswith(("/", ".", "~")) or Path(text).is_file():
            require_folder(text)
        raise NotFound(unknown.code, f"There is no folder {text}. {unknown.sentence}")
    try:
        return _folder(
            session, operations.content.resolve_source(session.workspace, absolute(text))
        )
    except NotFound:
        return None


def _folder(session: Session, source: "Source") -> "Source":
    """Return a source; refuse one that names a document of this machine in the place of a folder.

    Raises:
        InvalidInput: code ``no-such-folder``.
    """
    url = operations.content.location_named(session.workspace, source.site).url
    path = Path(url) / source.prefix
    holds_items = file_type_of(path.name).family in _CONTAINERS
    if source.prefix and "://" not in url and path.is_file() and not holds_items:
        require_folder(str(path))
    return source


def item_meant(session: Session, text: str) -> str:
    """Return how lists print the item that a path of this machine names; other text as it is."""
    with suppress(OSError, ValueError):
        if Path(text).expanduser().is_file():
            found = operations.content.place_in_location(session.workspace, absolute(text))
            return found or text
    return text


def looks_like_a_place(text: str) -> bool:
    """Tell a path or URL from a mistyped location name."""
    return "://" in text or Path(text).expanduser().is_dir()


def absolute(text: str) -> str:
    """Return a URL as it is, and a path as an absolute one."""
    return text if "://" in text else str(Path(text).expanduser().resolve())


def add_place(session: Session, text: str, purpose: str) -> "KnownLocation":
    """Add a path or URL as a location, named after its last folders."""
    url = absolute(text)
    taken = {each.name for each in operations.content.locations(session.workspace)}
    name = free_name(url, taken)
    session.tell(f"{shown_place(url)} becomes the location {name}.")
    return operations.content.add_location(
        session.workspace, session.actor, name, url, purpose=purpose
    )


def free_name(url: str, taken: set[str]) -> str:
    """Return a name from the end of a URL that no other location has."""
    parts = PurePosixPath(urlsplit(url).path or urlsplit(url).netloc.rpartition("@")[2]).parts
    words = [re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-") for part in parts]
    words = [word for word in words if word] or ["place"]
    for count in range(1, len(words) + 1):
        name = "-".join(words[-count:])
        if name not in taken:
            return name
    return next(
        f"{name}-{number}" for number in range(2, 10_000) if f"{name}-{number}" not in taken
    )


def offer_crawl(session: Session, known: "KnownLocation", *, yes: bool) -> None:
    """Crawl a location that never was, after asking where somebody can be asked."""
    if known.items_sha256 is None and agrees_to_crawl(session, known, yes=yes):
        crawl_location(session, known)


def agrees_to_crawl(session: Session, known: "KnownLocation", *, yes: bool) -> bool:
    """Tell whether a location that was never crawled may be; asked where somebody can be asked."""
    if yes or not session.interactive:
        return yes
    return agrees(f"{known.name} was not crawled yet. Crawl it?", default=True)


def require_folder(url: str) -> str:
    """Return a location's URL; a local one must be there.

    Raises:
        InvalidInput: code ``no-such-folder``.
    """
    if not url.strip():
        require_place(url)
    if "://" not in url and not Path(url).expanduser().is_dir():
        is_file = Path(url).expanduser().is_file()
        what = f"{url} is a file, not a folder" if is_file else f"There is no folder {url}"
        raise InvalidInput(
            "no-such-folder",
            f"{what}. Name a folder of this machine, or an fsspec URL such as s3://bucket/prefix.",
        )
    return absolute(url)
