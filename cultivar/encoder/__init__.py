"""The static encoder that ships with Cultivar, read once in a process.

It trains nothing: ``distil.py`` says where the numbers come from.
"""

from functools import cache
from importlib.resources import files

from safetensors.numpy import load as read_tensors

from cultivar.core.errors import Damaged
from cultivar.core.learning.encoder import StaticEncoder


@cache
def load() -> StaticEncoder:
    """Return the encoder (float16 [29176, 256]); raises ``Damaged`` where its files disagree."""
    folder = files("data") / "encoder"
    table = read_tensors((folder / "table.safetensors").read_bytes()).get("table")
    if table is None:
        raise Damaged("encoder-damaged", "The encoder's file holds no table.")
    vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    return StaticEncoder.from_vocabulary(table, vocabulary)
