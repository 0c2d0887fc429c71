import pyarrow as pa
import pytest

from cultivar.core.learning.text import add_frequencies, buffers, document_frequencies
from cultivar.core.schemas import DOCUMENT_FREQUENCIES
from tests.core.learning.material import COURT, GARDEN, column, written


def test_frequencies_of_batches_add_up_to_those_of_the_whole() -> None:
    texts = written(GARDEN, 40, 1) + written(COURT, 40, 2)
    whole = document_frequencies(column(texts))
    parts = [document_frequencies(column(texts[first : first + 13])) for first in range(0, 80, 13)]
    assert add_frequencies(*parts).equals(whole)
    assert whole.schema.equals(DOCUMENT_FREQUENCIES.arrow)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_kind_of_string_is_read(kind: pa.DataType) -> None:
    texts = pa.array(["soil and seed", None, "a leaf"], kind)
    expected = document_frequencies(column(["soil and seed", "a leaf"]))
    assert document_frequencies(texts).equals(expected)


def test_dictionary_encoded_text_is_read() -> None:
    texts = pa.array(["soil", "leaf", "soil"]).dictionary_encode()
    assert document_frequencies(texts).equals(
        document_frequencies(column(["soil", "leaf", "soil"]))
    )


def test_no_texts_have_no_frequencies() -> None:
    assert document_frequencies(pa.chunked_array([], pa.string())).num_rows == 0
    assert document_frequencies(column([])).num_rows == 0


def test_bytes_are_handed_over_without_a_copy() -> None:
    texts = column(["soil", "leaf"])
    data, offsets = next(buffers(texts))
    assert data.ctypes.data == texts.buffers()[2].address
    assert not data.flags.writeable
    assert offsets.tolist() == [0, 4, 8]
