"""Encryption, and the dates of old Office files, as a file's structure tells them.

Reads structure, never content, and never tries a password.
"""

import io
from datetime import UTC, datetime

import olefile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_compound(data: bytes) -> bool:
    """Tell whether the bytes are an OLE compound file: old Office, mail, or encrypted Office."""
    return data.startswith(_OLE)


def is_encrypted(data: bytes) -> bool:
    """Tell whether a compound file is encrypted Office content or under rights management."""
    import msoffcrypto  # noqa: PLC0415 - only where a compound file is met
    from msoffcrypto.exceptions import FileFormatError  # noqa: PLC0415

    try:
        if msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted():
            return True
    except FileFormatError:
        return False
    except Exception:  # noqa: BLE001 - a damaged file; what parses it says so
        return False
    return _is_under_rights_management(data)


def _is_under_rights_management(data: bytes) -> bool:
    with olefile.OleFileIO(io.BytesIO(data)) as compound:
        return any("DRMContent" in stream[-1] for stream in compound.listdir())


def date_in_compound(data: bytes) -> datetime | None:
    """Return the creation time in a compound file's summary, which is UTC by its format."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            moment = compound.get_metadata().create_time
    except Exception:  # noqa: BLE001 - a damaged summary says nothing about the text
        return None
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None
