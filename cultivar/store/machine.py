"""What the machine says of the places where things are kept: space, kind of file system, modes.

It looks and changes nothing.
"""

import os
from pathlib import Path

_OTHERS = 0o077
# Their locks do not hold between machines, or not at all, so two writers ruin a SQLite file.
NETWORK = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre",
        "beegfs", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse",
        "davfs",
    }
)  # fmt: skip


def free_bytes(place: Path) -> tuple[int, int]:
    """Return how many bytes of a place's file system are free for this account, and of how many."""
    found = os.statvfs(existing(place))
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def existing(place: Path) -> Path:
    """Return a place, or the nearest folder above it that exists."""
    return next(each for each in (place, *place.absolute().parents) if each.exists())


def file_system_of(place: Path, mounts: str = "/proc/self/mountinfo") -> str | None:
    """Return the kind of file system that a place lies on; None where the system does not tell."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    real = os.path.realpath(existing(place))
    best, kind = "", None
    for line in lines:
        before, found, after = line.partition(" - ")
        point = _unescaped(before.split()[4]) if found else ""
        is_above = real == point or real.startswith(f"{point.rstrip('/')}/")
        # a later mount over the same point hides an earlier one
        if point and is_above and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind


def _unescaped(point: str) -> str:
    """Return a mount point as it is named; spaces and the like are written in octal."""
    parts = point.split("\\")
    return parts[0] + "".join(chr(int(each[:3], 8)) + each[3:] for each in parts[1:])


def open_below(folder: Path, wanted: frozenset[str]) -> list[str]:
    """Return what of some names in a folder other accounts may look into."""
    return sorted(
        each.name
        for each in (folder.iterdir() if folder.is_dir() else ())
        if each.name in wanted and not each.is_symlink() and each.stat().st_mode & _OTHERS
    )
