"""What the labels of a location follow from, as it is kept with each application."""

from typing import NotRequired, TypedDict


class Basis(TypedDict):
    """Equal ones give equal labels.

    ``items`` and ``listed`` (classifier to assignments) are hashes of artifacts; ``policies`` and
    ``versions`` map a policy or classifier to its version, ``points`` a classifier to its operating
    point (the key is left out where none has one); ``undone`` are subjects of undoings;
    ``people`` is a digest of which items have labels set by hand. ``partial`` marks the labels that
    an undoing left, which are not what an evaluation would give.
    """

    items: str | None
    policies: dict[str, int]
    versions: dict[str, str]
    listed: dict[str, str]
    undone: list[str]
    people: str
    points: NotRequired[dict[str, str]]
    partial: NotRequired[str]
