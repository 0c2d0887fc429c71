"""Folds for judging versions on items that some of them have learned from.

It deals items into folds; training and scoring are the caller's. Items with the same text share a
fold, so that no copy of an item teaches the model that judges it, and each kind of item is dealt
out evenly. The deal is by hashes of seed and text: it is the same on every machine.
"""

from collections.abc import Sequence
from hashlib import sha256

FOLDS = 5


def folds_of(texts: Sequence[str], relevant: Sequence[bool], seed: int) -> list[int]:
    """Return each item's fold, from 0 to ``FOLDS`` - 1.

    ``relevant`` are the kinds by which the folds are stratified; a text that stands for both kinds
    is dealt by the first.
    """
    keys = [sha256(f"{seed}\nfold\n{text.strip()}".encode()).digest() for text in texts]
    kinds: dict[bytes, bool] = {}
    for key, kind in zip(keys, relevant, strict=True):
        kinds.setdefault(key, kind)
    order = sorted(kinds, key=lambda key: (kinds[key], key))
    fold = {key: place % FOLDS for place, key in enumerate(order)}
    return [fold[key] for key in keys]
