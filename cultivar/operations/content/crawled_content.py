"""What a crawl of several locations comes to: what was read, what was not, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cultivar.core.errors import CultivarError
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.locations import KnownLocation

EMPTY = "no-items"


@dataclass(frozen=True, slots=True)
class CrawledContent:
    """The number of items of each location that was crawled, and why the others were not.

    ``unknown`` are those that were never crawled, so that nothing is known of them.
    """

    items: dict[str, int] = field(default_factory=dict)
    failed: dict[str, CultivarError] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def leave_out(self, known: KnownLocation, error: Exception) -> CultivarError:
        """Note that a location was not crawled, and return why, as a refusal.

        One that somebody else crawls at this moment is not missed, if it was crawled before.
        """
        refused = _refusal_of(error)
        if known.items_sha256 is None:
            self.unknown.append(known.name)
        elif refused.code == "already-running":
            return refused
        self.failed[known.name] = refused
        return refused

    def require_all(self) -> None:
        """Raise what tells of every location that was not crawled, if there is one."""
        if len(self.failed) == 1 and not self.items:
            raise next(iter(self.failed.values()))
        if self.failed:
            raise not_all_crawled(len(self.items), self.failed)

    def require_known(self) -> None:
        """Raise the error of the first location of which nothing can be known.

        An empty location holds nothing to know, so it is left out where another one holds items.
        """
        others = [name for name in self.unknown if self.failed[name].code != EMPTY]
        holds_items = self.items or self.failed.keys() - set(self.unknown)
        if others or (self.unknown and not holds_items):
            raise self.failed[(others or self.unknown)[0]]

    @property
    def warning(self) -> str:
        """A sentence on the locations that were not crawled; nothing where all were."""
        names = [name for name in self.failed if name not in self.unknown]
        kept = f" Not crawled this time, so as before: {', '.join(names)}." if names else ""
        left_out = f" Never crawled, so left out: {', '.join(self.unknown)}."
        return kept + (left_out if self.unknown else "")


def _refusal_of(error: Exception) -> CultivarError:
    """Return an error as a refusal; of a defect, which its step has told, the kind alone."""
    if isinstance(error, CultivarError):
        return error
    return CultivarError("defect", f"A defect of Cultivar: {type(error).__name__}.")


def not_all_crawled(crawled: int, failed: Mapping[str, CultivarError]) -> CultivarError:
    """Return the error of a crawl of several locations, some of which failed; it names each."""
    of = how_many(crawled + len(failed), "location")
    why = " ".join(f"{name}, {error.code}: {error.sentence}" for name, error in failed.items())
    return CultivarError(
        "not-all-crawled",
        f"{crawled:,} of {of} {'is' if crawled == 1 else 'are'} crawled. {why}",
        {"failed": {name: error.code for name, error in failed.items()}},
    )
