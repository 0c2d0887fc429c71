"""The URL of a place as it may be shown: without what lets its reader in.

It parses no more than it must: what is no URL is a path, and has no account.
"""

import re

# A password may hold a slash where nobody escaped it, so an account ends with the last @ then.
_ACCOUNT = re.compile(r"(?<=://)(?:[^/?#@]*:(?!\d*(?:[/?#]|$)).*@|[^/?#]*@)")
_QUERY = re.compile(r"\?.*", re.S)
# What stands before the @ of these is a container.
_CONTAINERS = ("abfs://", "abfss://", "wasb://", "wasbs://")
HIDDEN = "***"


def shown_place(url: str) -> str:
    """Return a URL with its account and its query hidden; a path as it is."""
    if "://" not in url:
        return url
    bare = _QUERY.sub(f"?{HIDDEN}", url)
    return bare if bare.startswith(_CONTAINERS) else _ACCOUNT.sub(f"{HIDDEN}@", bare)
