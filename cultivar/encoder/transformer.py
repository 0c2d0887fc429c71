"""A whole transformer as the engine: a folder of model files, run by onnxruntime on this machine.

It downloads nothing and trains nothing. It needs the extra ``transformer``.
"""

import importlib
import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.learning.text import Texts

# As sentence-transformers exports them; either place of the model is read.
_MODELS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"
_LENGTH = "sentence_bert_config.json"
_TOKENS_AT_MOST = 512
# A piece of a file at a time, as models are large.
_PIECE = 1 << 20


@dataclass(frozen=True)
class Transformer:
    """A sentence-transformers model: its tokens' mean, of length 1.

    Texts go through one by one on one thread, so that a text's vector does not depend on its
    neighbours; numbers are kept to float16, where processors hardly differ. What is longer than the
    model's limit of tokens is cut.
    """

    fingerprint: str
    width: int
    _session: Any
    _tokenizer: Any

    def embed(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return a vector of length 1 a text (float32 [n, width]); zeros where it has no words."""
        found = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            written = text.as_py()
            if written and written.strip():
                found[row] = self._vector(written)
        return found

    def _vector(self, text: str) -> npt.NDArray[np.float32]:
        tokens = self._tokenizer.encode(text)
        given = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        wanted = [each.name for each in self._session.get_inputs()]
        [states, *_] = self._session.run(
            None, {name: np.array([given[name]], np.int64) for name in wanted}
        )
        pooled = states[0].mean(axis=0, dtype=np.float64) if states.ndim == 3 else states[0]
        norm = float(np.sqrt(np.square(pooled, dtype=np.float64).sum()))
        return (pooled / max(norm, 1e-12)).astype(np.float16).astype(np.float32)


@cache
def load_transformer(folder: Path) -> Transformer:
    """Return the transformer in a folder, read once in a process.

    Raises:
        NotReady: code ``transformer-not-installed``.
        InvalidInput: code ``bad-transformer``; a file is missing or is not what it should be.
    """
    runtime, tokenizers = _installed("onnxruntime"), _installed("tokenizers")
    model = next((folder / name for name in _MODELS if (folder / name).is_file()), None)
    words = folder / _TOKENIZER
    if model is None or not words.is_file():
        raise _bad(folder, f"holds no {_MODELS[0]}" if model is None else f"holds no {_TOKENIZER}")
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(words))
        limit = _limit(folder)
        tokenizer.enable_truncation(limit)
        tokenizer.no_padding()
        session = runtime.InferenceSession(
            str(model), _options(runtime), providers=["CPUExecutionProvider"]
        )
        width = int(session.get_outputs()[0].shape[-1])
    except Exception as error:
        raise _bad(folder, f"cannot be loaded ({type(error).__name__})") from error
    return Transformer(_fingerprint(model, words, limit), width, session, tokenizer)


def _options(runtime: Any) -> Any:
    runtime.disable_telemetry_events()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options


def _limit(folder: Path) -> int:
    """Return how many tokens of a text the model reads."""
    try:
        stated = json.loads((folder / _LENGTH).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _TOKENS_AT_MOST
    return max(1, min(int(stated.get("max_seq_length", _TOKENS_AT_MOST)), _TOKENS_AT_MOST))


def _fingerprint(model: Path, words: Path, limit: int) -> str:
    digest = sha256(f"{limit}\n".encode())
    for path in (model, words):
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotReady(
            "transformer-not-installed",
            "The setting transformer is on, but what runs it is not installed. Install the extra "
            "cultivar[transformer], or turn the setting off.",
        ) from error


def _bad(folder: Path, wrong: str) -> InvalidInput:
    return InvalidInput(
        "bad-transformer",
        f"The folder {folder.name} of the setting transformer {wrong}. It takes a "
        "sentence-transformers model in the form of ONNX: model.onnx and tokenizer.json.",
    )
