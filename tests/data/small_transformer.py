"""A transformer of one layer with random weights, written to a folder as a real one lies there.

It knows the words that it is given and means nothing by them.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WIDTH = 24


def write_transformer(folder: Path, words: Iterable[str], seed: int = 0) -> Path:
    """Write ``model.onnx`` and ``tokenizer.json``; return the folder."""
    vocabulary = {word: place for place, word in enumerate(["[UNK]", *sorted(set(words))])}
    folder.mkdir(parents=True, exist_ok=True)
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    onnx.save(_model(len(vocabulary), seed), str(folder / "model.onnx"))
    return folder


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def _model(words: int, seed: int) -> onnx.ModelProto:
    """Return embeddings, one head of attention, and both added up."""
    generator = np.random.default_rng(seed)
    shapes = {"table": (words, WIDTH), **dict.fromkeys("QKV", (WIDTH, WIDTH))}
    weights = [
        numpy_helper.from_array(generator.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["x"]),
        *(helper.make_node("MatMul", ["x", name], [name.lower()]) for name in "QKV"),
        helper.make_node("Transpose", ["k"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "turned"], ["likeness"]),
        helper.make_node("Softmax", ["likeness"], ["attention"], axis=-1),
        helper.make_node("MatMul", ["attention", "v"], ["seen"]),
        helper.make_node("Add", ["x", "seen"], ["last_hidden_state"]),
    ]
    given = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    states = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, [1, "tokens", WIDTH]
    )
    graph = helper.make_graph(nodes, "small", [given], [states], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model
