"""Labels as tags of S3 objects: ``cultivar-<kind>``, beside whatever tags others have set.

S3 replaces all tags of an object at once, so foreign ones are read first and written back. Letters
that a tag may not hold become underscores.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cultivar.content.locations import Location
from cultivar.operations.policies.writers.places import (
    CannotWrite,
    Place,
    RetryLater,
    require_whole,
)

TAGS_AT_MOST = 10
_FORBIDDEN = re.compile(r"[^\w\s.:/=+\-@]")


class Tags:
    """The writer ``tags``."""

    blind = False

    def form(self, label: str) -> str:
        """Return the label in letters that a tag may hold, 256 of them at most."""
        return _FORBIDDEN.sub("_", label)[:256]

    def look(self, place: Place) -> str | None:
        """Return the tag's value."""
        with _told():
            found = _tags(*_object(place)).get(_key(place))
        return None if found is None else str(found)

    def put(self, place: Place, label: str, key: str) -> None:
        """Set the tag and keep every other."""
        with _told():
            store, path = _object(place)
            tags = _tags(store, path) | {_key(place): self.form(label)}
            if len(tags) > TAGS_AT_MOST:
                raise CannotWrite(f"the object has {TAGS_AT_MOST} tags of others already")
            store.put_tags(path, tags, mode="o")

    def take(self, place: Place, label: str, key: str) -> None:
        """Remove the tag and keep every other."""
        with _told():
            store, path = _object(place)
            tags = _tags(store, path)
            if tags.pop(_key(place), None) is None:
                return
            if tags:
                store.put_tags(path, tags, mode="o")
            else:
                # not every server takes an empty set
                bucket, key, _ = store.split_path(path)
                store.call_s3("delete_object_tagging", Bucket=bucket, Key=key)


def _key(place: Place) -> str:
    return f"cultivar-{place.tag}"


def _object(place: Place) -> tuple[Any, str]:
    require_whole(place)
    store, root = Location(place.location, place.url).store
    if not hasattr(store, "put_tags"):
        raise CannotWrite("the location is not on S3")
    return store, f"{root}/{place.path}"


def _tags(store: Any, path: str) -> dict[str, str]:
    return dict(store.get_tags(path))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (RetryLater, CannotWrite):
        raise
    except FileNotFoundError as error:
        raise CannotWrite("the object is gone") from error
    except Exception as error:
        # The client's own text may quote the object's name.
        if _code(error) in {"NoSuchKey", "NoSuchBucket", "404"}:
            raise CannotWrite("the object is gone") from error
        raise RetryLater(type(error).__name__) from error


def _code(error: BaseException) -> str:
    for each in (error, error.__cause__):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return ""
