"""Names of columns and keys that nothing reads and that are nearly those that something would."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from cultivar.core.errors import InvalidInput

_NEARLY = 0.84


def nearly(name: str, wanted: Collection[str]) -> str | None:
    """Return which of the wanted names another one nearly is, if it is one of them."""
    folded = {each.casefold(): each for each in sorted(wanted)}
    found = get_close_matches(name.strip().casefold(), list(folded), n=1, cutoff=_NEARLY)
    return folded[found[0]] if found else None


def refuse_misspelt(kind: str, unused: Iterable[str], wanted: Collection[str]) -> None:
    """Refuse a name that nothing reads where it is nearly one that is wanted and not there.

    ``kind`` is what the names are of: column, key.

    Raises:
        InvalidInput: code ``misspelt-name``.
    """
    for name in unused:
        meant = nearly(name, wanted)
        if meant is not None:
            raise InvalidInput(
                "misspelt-name",
                f"Nothing reads the {kind} {name[:60]!r}. Did you mean {meant}? Write it so, or "
                f"give the {kind} a name that is none of these, so that it is left out on purpose.",
                {"name": name[:60], "meant": meant},
            )
