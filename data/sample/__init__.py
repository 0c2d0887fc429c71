"""The sample organisation: an invented hospital group's files, written by a seeded generator.

Everything in it is synthetic. It shows how Cultivar works and proves nothing about its quality.
"""

from data.sample.generator import generate
from data.sample.manifest import Entry, Manifest, read_manifest

__all__ = ["Entry", "Manifest", "generate", "read_manifest"]
