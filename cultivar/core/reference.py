"""References to artifacts: what crosses the boundary between two tasks.

A reference never carries rows or document text.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArtifactReference:
    """Where one immutable artifact is and what it holds.

    ``url`` is an fsspec URL, ``sha256`` the hash of the file's bytes, ``rows`` its row count and
    ``schema`` the declared schema's name (``items``, ``seed_set``, ...; ``model`` for model files).
    """

    url: str
    sha256: str
    rows: int
    schema: str
