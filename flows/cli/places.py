"""Where documents are, as a person names it: site/library/folder, a path, or a URL.

A path or URL that no location holds is added as a location of its own.
"""

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from cultivar.core.errors import InvalidInput, NotFound
from flows.cli.session import Session

if TYPE_CHECKING:
    from cultivar.content.locations import Source
    from cultivar.operations.locations import KnownLocation


def source_named(session: Session, text: str, purpose: str, *, yes: bool) -> "Source":
    """Return the source that ``text`` names, crawled at least once.

    A path or URL that no location holds is added and crawled on the spot.

    ``purpose`` (``seed`` or ``test``) is that of a location that has to be added for it.

    Raises:
        NotFound: it is no known location, and no folder or URL either.
        NotReady: code ``not-crawled``; it was never crawled, and nobody agreed to do that.
    """
    from cultivar.operations.locations import location_named, resolve_source

    try:
        source = resolve_source(session.workspace, text)
    except NotFound:
        if not looks_like_a_place(text):
            raise
        # Whoever names a folder by its path wants it read; a known location may wait for its crawl.
        yes = True
        add_place(session, text, purpose)
        source = resolve_source(session.workspace, absolute(text))
    offer_crawl(session, location_named(session.workspace, source.site), yes=yes)
    return source


def looks_like_a_place(text: str) -> bool:
    """Tell a path or URL from a mistyped location name."""
    return "://" in text or Path(text).expanduser().is_dir()


def absolute(text: str) -> str:
    """Return a URL as it is, and a path as an absolute one."""
    return text if "://" in text else str(Path(text).expanduser().resolve())


def add_place(session: Session, text: str, purpose: str) -> "KnownLocation":
    """Add a path or URL as a location, named after its last folders."""
    from cultivar.operations.locations import add_location, locations

    url = absolute(text)
    taken = {each.name for each in locations(session.workspace)}
    name = free_name(url, taken)
    session.tell(f"{url} becomes the location {name}.")
    return add_location(session.workspace, session.actor, name, url, purpose=purpose)


def free_name(url: str, taken: set[str]) -> str:
    """Return a name from the end of a URL that no other location has."""
    parts = PurePosixPath(urlsplit(url).path or urlsplit(url).netloc).parts
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
    if known.items_sha256 is not None:
        return
    if not yes and session.interactive:
        yes = click.confirm(f"{known.name} was not crawled yet. Crawl it?", default=True)
    if yes:
        from flows.cli.crawls import crawl_location

        crawl_location(session, known)


def require_folder(url: str) -> str:
    """Return a location's URL; a local one must be there.

    Raises:
        InvalidInput: code ``no-such-folder``.
    """
    if "://" not in url and not Path(url).expanduser().is_dir():
        raise InvalidInput(
            "no-such-folder",
            f"There is no folder {url}. Name a folder of this machine, or an fsspec URL such as "
            "s3://bucket/prefix.",
        )
    return absolute(url)
