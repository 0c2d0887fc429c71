"""What makes an artifact damaged, and how it is told from a store that cannot be reached.

Repairs nothing.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from cultivar.core.errors import Damaged, StoreUnavailable
from cultivar.core.reference import ArtifactReference
from cultivar.store.failures import file_failures
from cultivar.store.files import WHAT

_BYTES_A_READ = 1 << 20


def sha256_of(file: BinaryIO) -> str:
    """Return the hash of all bytes from here on."""
    digest = hashlib.sha256()
    while block := file.read(_BYTES_A_READ):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def readable(reference: ArtifactReference) -> Iterator[None]:
    """Tell a file whose bytes make no sense from a store that cannot be read."""
    import pyarrow as pa  # noqa: PLC0415 - see TYPE_CHECKING above

    try:
        with file_failures(WHAT):
            yield
    # names in a damaged footer may be no text
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise damaged(reference, "cannot be read as Parquet") from error
    except StoreUnavailable as error:
        # Arrow reports broken pages as an OSError without a number.
        if isinstance(error.__cause__, OSError) and error.__cause__.errno is None:
            raise damaged(reference, "cannot be read as Parquet") from error
        raise


def damaged(reference: ArtifactReference, wrong: str) -> Damaged:
    """Return the error of an artifact that is not what it should be."""
    return Damaged(
        "artifact-damaged",
        f"The {reference.schema} artifact {reference.sha256[:12]} {wrong}. "
        "Restore the file from a copy, or run the stage that makes it again.",
        {"sha256": reference.sha256, "schema": reference.schema},
    )
