"""Where a location lies: one form of a place for all its spellings, and which places may be added.

A place is a folder of this machine or an fsspec URL; nothing is opened here.
"""

import os
import shlex
from collections.abc import Iterable
from urllib.parse import urlsplit

from cultivar.core.errors import Conflict, InvalidInput, NotPermitted
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.texts.shown_places import shown_place

_LOCAL = frozenset({"", "file", "local"})
# what Cultivar keeps in its home; a demonstration's documents lie beside it
_OWN = ("artifacts", "explorer", "logs", "prefect")


def place_of(url: str) -> str:
    """Return a place in one form, so that ``file:///a/``, ``/a/../a`` and a link to it are one."""
    parts = urlsplit(url)
    if parts.scheme not in _LOCAL:
        return url.rstrip("/")
    return os.path.realpath(parts.path if parts.scheme else url).rstrip("/")


def is_below(place: str, other: str) -> bool:
    """Tell whether a place, in its one form, is another or lies inside it."""
    return place == other or place.startswith(f"{other}/")


def require_outside(home: os.PathLike[str], url: str) -> None:
    """Do nothing where a place holds nothing that Cultivar itself keeps.

    Raises:
        InvalidInput: code ``own-home``; its own files would be read as content, again and again.
    """
    place, own = place_of(url), place_of(os.fspath(home))
    if is_below(own, place) or any(is_below(place, f"{own}/{each}") for each in _OWN):
        raise InvalidInput(
            "own-home",
            f"{shown_place(url)} holds the home of Cultivar ({own}), whose own files would be read "
            "as content. "
            "Add the folders that hold documents, one by one, or move the home (setting `home`).",
            {"home": own},
        )


def require_apart(url: str, others: Iterable[tuple[str, str]]) -> None:
    """Do nothing where a place is none of the others, and lies in none of them nor around one.

    ``others`` are names and URLs of locations of the same purpose.

    Raises:
        Conflict: codes ``place-taken``, ``places-overlap``; an item would be there twice.
    """
    place = place_of(url)
    for name, other_url in others:
        other = place_of(other_url)
        if place == other:
            raise Conflict(
                "place-taken",
                f"{shown_place(url)} is the location {name} already, so nothing was added.",
                {"location": name},
                Remedy(NextStep.CRAWL, name, "reads it again"),
            )
        if is_below(place, other) or is_below(other, place):
            how = "lies inside" if is_below(place, other) else "holds"
            raise Conflict(
                "places-overlap",
                f"{shown_place(url)} {how} the location {name} ({shown_place(other_url)}), so its "
                "items would be counted twice. Add folders that do not hold one another; "
                f"`cultivar location remove {shlex.quote(name)}` removes the one that is there.",
                {"location": name},
            )


def require_permitted_place(url: str, permitted: str | None) -> None:
    """Do nothing where a request from outside may make this place a location.

    ``permitted`` are the places that the settings name, with commas between them. Whoever types a
    command works as an account of the machine; whoever sends a request does not.

    Raises:
        NotPermitted: code ``place-not-permitted``.
    """
    named = [each.strip() for each in (permitted or "").split(",") if each.strip()]
    climbs = ".." in urlsplit(url).path.split("/")
    if not climbs and any(is_below(place_of(url), place_of(each)) for each in named):
        return
    allows = f"allows {', '.join(map(shown_place, named))}" if named else "names none"
    raise NotPermitted(
        "place-not-permitted",
        "A request may add only what lies in a place that this server was told of, and the setting "
        f"`web_places` {allows}. Whoever runs the server adds it there, or types "
        "`cultivar location add`.",
    )
