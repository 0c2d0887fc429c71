"""Which URLs can name a place; nothing is opened here."""

from cultivar.core.errors import InvalidInput
from cultivar.core.texts.shown_places import shown_place

_WITH_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "graph"})


def require_place(url: str) -> None:
    """Do nothing where a URL or a path can be a place: it names something, of a kind that is known.

    Raises:
        InvalidInput: code ``no-such-folder``.
    """
    scheme, found, rest = url.partition("://")
    if not url.strip() or (found and not rest.strip("/") and scheme in _WITH_BUCKETS):
        what = "No place is named" if not url.strip() else f"{shown_place(url)} names no bucket"
    elif found and not (scheme == "graph" or _is_known(scheme)):
        what = f"{scheme} is no kind of store that can be read"
    else:
        return
    raise InvalidInput(
        "no-such-folder",
        f"{what}. Name a folder of this machine, or an fsspec URL such as s3://bucket/prefix.",
    )


def _is_known(scheme: str) -> bool:
    from fsspec import available_protocols  # noqa: PLC0415 - commands that name folders alone start faster

    # One URL may lead through several stores, such as simplecache::s3.
    return all(each in available_protocols() for each in scheme.split("::"))
