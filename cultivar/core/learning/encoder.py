"""The static encoder: a vector for each word piece, pooled into a vector for each text.

It reads no file: whoever has the numbers hands them over.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Self

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import Damaged
from cultivar.core.learning import kernels
from cultivar.core.learning.text import buffers
from cultivar.core.learning.writing.folding import folding_table
from cultivar.core.schemas.arrays import arrow_texts

CONTINUED = "##"


@dataclass(frozen=True)
class StaticEncoder:
    """Vectors of word pieces.

    ``table`` is float16 or float32 [pieces, d]; ``keys`` (uint64 [pieces], distinct) are the
    pieces' hashes.
    """

    table: npt.NDArray[np.float16] | npt.NDArray[np.float32]
    keys: npt.NDArray[np.uint64]

    @classmethod
    def from_vocabulary(cls, table: npt.NDArray[np.float16], vocabulary: list[str]) -> Self:
        """Build from the pieces' spellings, in the table's order, ``##`` before the rest of a word.

        Pieces that are not one folded word (punctuation, marks) are dropped: no word matches them.
        """
        if len(vocabulary) != len(table):
            facts = {"pieces": len(vocabulary), "rows": len(table)}
            sentence = f"The encoder has {len(vocabulary)} pieces but {len(table)} rows."
            raise Damaged("encoder-damaged", sentence, facts)
        keys = piece_keys(vocabulary)
        kept = np.flatnonzero(keys)
        return cls(np.ascontiguousarray(table[kept]), keys[kept])

    @classmethod
    def empty(cls) -> Self:
        """Return an encoder without pieces: word n-grams are all that counts."""
        return cls(np.zeros((0, 0), dtype=np.float16), np.zeros(0, dtype=np.uint64))

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        """The table as float32."""
        return self.table.astype(np.float32)

    @cached_property
    def slots(self) -> npt.NDArray[np.int32]:
        """The look-up table of ``keys``."""
        return slots_of(self.keys)

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of keys and table."""
        return sha256(self.keys.tobytes() + self.table.tobytes()).hexdigest()


def piece_keys(vocabulary: list[str]) -> npt.NDArray[np.uint64]:
    """Return the hash of each piece, 0 for one that no word can hold (uint64).

    Pieces are folded by folding 1, whatever a model's folding, so that the keys stay the same.
    """
    continued = np.array([piece.startswith(CONTINUED) for piece in vocabulary])
    spelled = arrow_texts([piece.removeprefix(CONTINUED) for piece in vocabulary])
    keys = np.zeros(0, dtype=np.uint64)
    for data, offsets in buffers(spelled):
        keys = kernels.hash_words(data, offsets, folding_table(), continued)
    return keys


def slots_of(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Return an open-addressed look-up table over ``keys``, at most a quarter full."""
    size = 1 << max(4, int(4 * len(keys) - 1).bit_length())
    slots = np.full(size, -1, dtype=np.int32)
    kernels.fill_slots(keys, slots)
    return slots
