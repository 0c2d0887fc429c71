"""Query parameters that a route does not know, or that come twice: refused, not passed over.

One that is passed over widens what is asked for, and nobody is told.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant

from cultivar.core.errors import InvalidInput

LONGEST_SHOWN = 60


def parameters_of(dependant: Dependant) -> frozenset[str]:
    """Return the names of the query parameters that a route and its dependencies take."""
    own = (field.alias for field in dependant.query_params)
    return frozenset(own).union(*map(parameters_of, dependant.dependencies))


def refuse_unknown(known: frozenset[str], request: Request) -> None:
    """Refuse a request with a query parameter that its route does not take.

    Raises:
        InvalidInput: codes ``unknown-parameter`` (the sentence names the ones that it takes),
            ``invalid-request`` (one is there more than once).
    """
    for name in request.query_params:
        if name not in known:
            raise _unknown(name, known)
        if len(request.query_params.getlist(name)) > 1:
            raise InvalidInput(
                "invalid-request",
                f"The query parameter {name} is there more than once, and one value counts. Send "
                "it once.",
                {"parameter": name},
            )


def _unknown(name: str, known: Iterable[str]) -> InvalidInput:
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    meant = f"; did you mean {close[0]}?" if close else "."
    takes = f"It takes {', '.join(names)}" if names else "It takes none"
    return InvalidInput(
        "unknown-parameter",
        f"This route has no query parameter {name[:LONGEST_SHOWN]!r}. {takes}{meant}",
        {"parameter": name[:LONGEST_SHOWN], "known": names},
    )
