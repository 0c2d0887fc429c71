import json
import struct
import subprocess
import sys
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from cultivar.core.errors import Damaged
from cultivar.core.learning.model import Model
from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.model_files import packed, unpacked
from cultivar.store.models import read_model, write_model
from tests.store.tables_of import frequencies

TEXTS = pa.array(["a contract for supply", "an ordinary note", ""], pa.large_string())


def small_model() -> Model:
    numbers = np.random.default_rng(5)
    weights = numbers.normal(size=64).astype(np.float32)
    weights[::3] = 0
    return Model(
        idf=numbers.random(64, dtype=np.float32) + 1,
        weights=weights,
        piece_keys=np.arange(1, 9, dtype=np.uint64),
        piece_weights=numbers.normal(size=8).astype(np.float32),
        bias=-0.25,
        calibration=(1.5, 0.125),
        threshold=float(np.float32(0.6)),
        close_threshold=float(np.float32(0.3)),
        prior=0.05,
        engine={"encoder": "none"},
        training={"seeds": 50},
        inputs={"seed_set": "0" * 64},
    )


DATA = packed(
    small_model().to_arrays(),
    {"lineage": {"schema": "model", "schema_version": 1}, "model": small_model().header},
)


def test_a_model_read_back_scores_to_the_last_bit(store: ArtifactStore) -> None:
    model = small_model()
    found = read_model(store, write_model(store, model, producer="training"))
    assert found.header == model.header
    assert found.score(TEXTS).tobytes() == model.score(TEXTS).tobytes()
    for name, array in model.to_arrays().items():
        assert found.to_arrays()[name].tobytes() == array.tobytes()


def test_the_same_model_is_the_same_file(local_store: ArtifactStore) -> None:
    first = write_model(local_store, small_model(), producer="training", run_id="run-1")
    assert write_model(local_store, small_model(), producer="training", run_id="run-2") == first


def test_a_models_file_states_where_it_came_from(store: ArtifactStore) -> None:
    seeds = store.write("document_frequencies", frequencies(), producer="seeds")
    made = write_model(store, small_model(), producer="training", inputs={"seed_set": seeds})
    header = store.header(made)
    assert header["schema"] == "model"
    assert header["inputs"] == {"seed_set": seeds.sha256} == store.inputs_of(made.sha256)
    store.verify(made)


def test_arrays_are_kept_in_one_order_whatever_the_order_of_the_mapping() -> None:
    arrays = small_model().to_arrays()
    header: dict[str, Any] = {"lineage": {}, "model": {}}
    turned = dict(reversed(arrays.items()))
    assert packed(turned, dict(reversed(header.items()))) == packed(arrays, header)


@given(st.data())
def test_one_changed_byte_is_damaged_or_still_numbers(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(DATA) - 1))
    changed = bytearray(DATA)
    changed[place] ^= data.draw(st.integers(1, 255))
    with suppress(Damaged):
        arrays, header = unpacked(bytes(changed))
        assert np.isfinite(Model.from_arrays(arrays, header["model"]).score(TEXTS)).all()


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_damaged_and_never_an_accident(data: bytes) -> None:
    with pytest.raises(Damaged):
        unpacked(data)


@given(st.integers(0, len(DATA) - 1))
def test_a_cut_file_is_damaged(length: int) -> None:
    with pytest.raises(Damaged):
        unpacked(DATA[:length])


def with_header(header: Any) -> bytes:
    return save({"idf": np.zeros(4, np.float32)}, metadata={"header": json.dumps(header)})


@pytest.mark.parametrize(
    "header",
    [
        [],
        {},
        {"lineage": {}, "model": {}},
        {"lineage": {"schema": "model", "schema_version": 2}, "model": {}},
        {"lineage": {"schema": "items", "schema_version": 1}, "model": {}},
        {"lineage": {"schema": "model", "schema_version": 1}, "model": "text"},
    ],
)
def test_headers_that_are_not_this_layouts_are_refused(header: Any) -> None:
    with pytest.raises(Damaged) as caught:
        unpacked(with_header(header))
    assert caught.value.code == "model-damaged"


def test_safetensors_of_another_program_are_refused() -> None:
    with pytest.raises(Damaged):
        unpacked(save({"weight": np.zeros(4, np.float32)}))


def test_a_header_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    with pytest.raises(Damaged, match="longer than the file"):
        unpacked(struct.pack("<Q", 1 << 62) + b"{}")


def test_a_deeply_nested_header_is_damaged() -> None:
    nested = b"[" * 200_000
    with pytest.raises(Damaged):
        unpacked(struct.pack("<Q", len(nested)) + nested)


def test_a_model_whose_arrays_do_not_fit_is_refused_before_it_is_built(
    local_store: ArtifactStore,
) -> None:
    arrays = {**small_model().to_arrays(), "weights": np.zeros(3, np.float32)}
    header = {
        "lineage": {"schema": "model", "schema_version": 1},
        "model": small_model().header,
    }
    reference = local_store.write_bytes("model", packed(arrays, header), producer="test")
    with pytest.raises(Damaged, match="do not fit"):
        read_model(local_store, reference)


def test_a_changed_model_file_is_found_before_it_is_parsed(local_store: ArtifactStore) -> None:
    reference = write_model(local_store, small_model(), producer="training")
    path = reference.url.removeprefix("file://")
    with open(path, "r+b") as file:  # noqa: PTH123 - in place
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(Damaged, match=reference.sha256[:12]):
        read_model(local_store, reference)


def test_a_missing_model_is_damaged_by_name(local_store: ArtifactStore) -> None:
    with pytest.raises(Damaged, match="is missing"):
        read_model(local_store, ArtifactReference("", "ab" * 32, 0, "model"))


def test_nothing_that_runs_code_is_imported_to_read_a_model() -> None:
    code = (
        "import sys\n"
        "from tests.store.test_models import DATA\n"
        "import cultivar.store.models as models\n"
        "banned = ('joblib', 'cloudpickle', 'dill')\n"
        "import pickle\n"
        "def refuse(*_, **__): raise AssertionError('pickle was used')\n"
        "pickle.load = pickle.loads = pickle.Unpickler = refuse\n"
        "models.unpacked(DATA)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
