"""What archives and mailboxes hold, one member at a time, within bounds.

Opens no file of the location and parses no member; it hands out their bytes.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cultivar.content.documents.kinds import kind_of
from cultivar.content.documents.mailboxes import messages_of
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.entries import safe_text
from cultivar.content.formats import FileType
from cultivar.content.limits import Limits

_EXPANSION = 4
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """Bytes with a name, perhaps with folders.

    ``path`` is empty for a whole file, else ``!/`` and the path inside it. ``problem`` (status,
    reason) stands in for the bytes where they cannot be had; ``size`` is then what the container
    states.
    """

    path: str
    name: str
    data: bytes
    modified_at: datetime | None = None
    size: int | None = None
    problem: tuple[str, str] | None = None
    file_type: FileType = field(init=False)

    def __post_init__(self) -> None:
        """Take the type from the name, and from the content where that is of another kind."""
        object.__setattr__(self, "file_type", kind_of(self.name, self.data))

    @property
    def is_whole(self) -> bool:
        """Tell whether ``data`` is all of the member."""
        return self.size is None or self.size == len(self.data)


def members_of(container: Member, limits: Limits, depth: int) -> Iterator[Member]:
    """Yield a container's members in path order, those of a mailbox in its own order.

    Raises:
        Unreadable: the container is damaged or nested deeper than ``limits.max_depth``.
    """
    if depth >= limits.max_depth:
        raise Unreadable("too large", f"archives are nested deeper than {limits.max_depth}")
    opener: Callable[[Member, Limits], Iterator[Member]] = (
        _messages if container.file_type.family == "mailbox" else _files
    )
    yield from opener(container, limits)


def _files(container: Member, limits: Limits) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(container.data)) as archive:
            yield from _inside(archive, container, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError) as error:
        raise Unreadable("corrupt", "the archive is damaged") from error
    except (ValueError, EOFError, zlib.error, UnicodeDecodeError, IndexError) as error:
        raise Unreadable("corrupt", "the archive is damaged") from error


def _inside(archive: zipfile.ZipFile, container: Member, limits: Limits) -> Iterator[Member]:
    infos = sorted(
        (info for info in archive.infolist() if not info.is_dir()),
        key=lambda info: (safe_text(info.filename), info.header_offset),
    )
    left = limits.max_bytes * _EXPANSION
    seen: set[str] = set()
    for number, info in enumerate(infos):
        if number >= limits.max_members:
            raise Unreadable("too large", _too_many("members", limits))
        if left <= 0:
            raise Unreadable("too large", "the archive expands beyond the safe bounds")
        member = _file(archive, info, container, min(left, limits.max_bytes))
        left -= len(member.data)
        yield _told_apart(member, seen)


def _too_many(what: str, limits: Limits) -> str:
    return f"it holds over {limits.max_members:,} {what}, the bound of the setting max_members"


def _told_apart(member: Member, seen: set[str]) -> Member:
    # An archive may hold one name twice; the items' paths must differ all the same.
    path, number = member.path, 1
    while path in seen:
        number += 1
        path = f"{member.path}#{number}"
    seen.add(path)
    return member if number == 1 else replace(member, path=path)


def _file(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, container: Member, at_most: int
) -> Member:
    inside = safe_text(info.filename).lstrip("/")
    path = f"{container.path}!/{inside}"
    data, problem = _bytes(archive, info, at_most)
    size = info.file_size if problem else None
    return Member(path, inside, data, _modified(info), size, problem)


def _bytes(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, at_most: int
) -> tuple[bytes, tuple[str, str] | None]:
    if info.flag_bits & _ENCRYPTED_FLAG:
        return b"", ("encrypted", "it needs a password")
    try:
        with archive.open(info) as stream:
            # The stated size may lie, so the stream is read to one byte beyond the bound.
            data = stream.read(at_most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return b"", ("corrupt", "this member of the archive is damaged")
    if len(data) > at_most:
        return b"", ("too large", f"it is larger than {at_most:,} bytes")
    return data, None


def _modified(info: zipfile.ZipInfo) -> datetime | None:
    # 1980-01-01 is what writers without a clock put there.
    if info.date_time[0] <= 1980:
        return None
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _messages(container: Member, limits: Limits) -> Iterator[Member]:
    for number, message in enumerate(messages_of(container.data), start=1):
        if number > limits.max_members:
            raise Unreadable("too large", _too_many("messages", limits))
        yield Member(f"{container.path}!/{number}", f"{number}.eml", message)
