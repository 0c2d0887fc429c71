import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cultivar.core.errors import Damaged, InvalidInput, NotFound, StoreUnavailable
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import SCHEMAS, DeclaredSchema
from cultivar.store import files as files_module
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.files import LocalFiles
from cultivar.store.integrity import sha256_of
from cultivar.store.origin import path_of
from cultivar.store.parquet import HEADER_KEY, canonical
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactInput, ArtifactRow
from tests.store.conftest import noon, protect
from tests.store.tables_of import any_table, frequencies, unlabelled

NAME = "document_frequencies"


def local_path(store: ArtifactStore, reference: ArtifactReference) -> Path:
    assert isinstance(store.files, LocalFiles)
    return Path(reference.url.removeprefix("file://"))


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read(store: ArtifactStore) -> None:
    reference = store.write(NAME, frequencies(), producer="test")
    assert (reference.rows, reference.schema) == (3, NAME)
    assert reference.url.endswith(f"{NAME}/{reference.sha256[:2]}/{reference.sha256}.parquet")
    assert store.read(reference).equals(frequencies())
    store.verify(reference)


def test_a_stream_is_read_back_as_a_stream(store: ArtifactStore) -> None:
    parts = [frequencies(50, start) for start in range(0, 500, 50)]
    reference = store.write(NAME, iter(parts), producer="test")
    found = list(store.batches(reference, batch_size=64))
    assert max(batch.num_rows for batch in found) <= 64
    assert pa.Table.from_batches(found).equals(frequencies(500))


def test_columns_come_in_the_order_asked_for(store: ArtifactStore) -> None:
    reference = store.write(NAME, frequencies(), producer="test")
    wanted = ["documents", "feature"]
    assert store.read(reference, wanted).column_names == wanted
    assert next(store.batches(reference, wanted)).schema.names == wanted


def test_a_column_that_does_not_exist_is_refused_by_name(store: ArtifactStore) -> None:
    reference = store.write(NAME, frequencies(), producer="test")
    with pytest.raises(InvalidInput, match="nonsense"):
        store.read(reference, ["feature", "nonsense"])
    with pytest.raises(InvalidInput, match="nonsense"):
        list(store.batches(reference, ["nonsense"]))


def test_an_empty_table_is_an_artifact_too(store: ArtifactStore) -> None:
    reference = store.write(NAME, frequencies(0), producer="test")
    assert reference.rows == 0
    assert store.read(reference).equals(frequencies(0))
    assert list(store.batches(reference)) == []


def test_the_same_rows_are_one_artifact_in_every_store(
    store: ArtifactStore, tmp_path: Path
) -> None:
    first = store.write(NAME, frequencies(), producer="test", run_id="run-1")
    again = store.write(NAME, frequencies(), producer="test", run_id="run-2")
    assert again == first
    with Registry.open(f"sqlite:///{tmp_path / 'elsewhere.db'}") as registry:
        elsewhere = ArtifactStore(str(tmp_path / "elsewhere"), registry, clock=noon)
        assert elsewhere.write(NAME, frequencies(), producer="test").sha256 == first.sha256


def test_an_artifact_that_exists_is_not_written_again(local_store: ArtifactStore) -> None:
    path = local_path(local_store, local_store.write(NAME, frequencies(), producer="test"))
    before = path.stat()
    local_store.write(NAME, frequencies(), producer="test")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_truncated_file_is_healed_by_writing_the_same_again(local_store: ArtifactStore) -> None:
    reference = local_store.write(NAME, frequencies(), producer="test")
    path = local_path(local_store, reference)
    path.write_bytes(path.read_bytes()[:100])
    local_store.write(NAME, frequencies(), producer="test")
    local_store.verify(reference)


def test_registry_and_file_tell_where_an_artifact_came_from(store: ArtifactStore) -> None:
    source = store.write(NAME, frequencies(), producer="crawl")
    made = store.write(
        NAME, frequencies(9), producer="training", inputs={"seed_set": source}, run_id="run-7"
    )
    header = store.header(made)
    assert header["producer"] == "training"
    assert header["inputs"] == {"seed_set": source.sha256} == store.inputs_of(made.sha256)
    with store._registry.reading() as session:
        row = session.get_one(ArtifactRow, made.sha256)
    assert (row.run_id, row.producer, row.created_at) == ("run-7", "training", noon())


def test_the_run_and_the_moment_do_not_stand_in_the_file(local_store: ArtifactStore) -> None:
    made = local_store.write(NAME, frequencies(), producer="test", run_id="run-in-no-file")
    data = local_path(local_store, made).read_bytes()
    assert b"run-in-no-file" not in data
    assert str(local_path(local_store, made).parents[2]).encode() not in data


def test_an_input_that_is_no_artifact_is_refused_before_anything_is_written(
    local_store: ArtifactStore, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as caught:
        local_store.write(NAME, frequencies(), producer="test", inputs={"seed_set": "0" * 64})
    assert caught.value.code == "unknown-input"
    assert files_below(tmp_path / "artifacts") == []


def test_rows_that_are_refused_leave_nothing(local_store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        local_store.write(NAME, [frequencies(), unlabelled(["x"])], producer="test")
    assert files_below(tmp_path / "artifacts") == []


def test_an_error_of_the_rows_source_is_not_blamed_on_the_store(store: ArtifactStore) -> None:
    def broken() -> "list[pa.Table]":
        raise OSError(5, "the location went away")

    with pytest.raises(OSError, match="the location went away"):
        store.write(NAME, (table for table in broken()), producer="test")


def test_an_error_of_the_reader_is_not_blamed_on_the_store(store: ArtifactStore) -> None:
    reference = store.write(NAME, frequencies(), producer="test")
    with pytest.raises(FileNotFoundError), store.open(reference):
        Path("/no/such/file").stat()


def test_a_reference_is_found_by_hash_and_follows_a_moved_home(
    local_store: ArtifactStore, tmp_path: Path
) -> None:
    made = local_store.write(NAME, frequencies(), producer="test")
    assert local_store.reference(made.sha256) == made
    moved = (tmp_path / "artifacts").rename(tmp_path / "moved")
    store = ArtifactStore(str(moved), local_store._registry, clock=noon)
    assert store.reference(made.sha256).url.startswith(f"file://{moved}")
    assert store.read(made).equals(frequencies())


def test_an_unknown_hash_is_not_found(local_store: ArtifactStore) -> None:
    with pytest.raises(NotFound):
        local_store.reference("0" * 64)


def test_one_changed_byte_anywhere_is_found(local_store: ArtifactStore) -> None:
    reference = local_store.write(NAME, frequencies(50), producer="test")
    path = local_path(local_store, reference)
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            local_store.verify(reference)
    path.write_bytes(whole)
    local_store.verify(reference)


@pytest.mark.parametrize("content", [b"", b"short", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_damaged(local_store: ArtifactStore, content: bytes) -> None:
    reference = local_store.write(NAME, frequencies(), producer="test")
    local_path(local_store, reference).write_bytes(content)
    for reading in (local_store.read, local_store.header, local_store.verify):
        with pytest.raises(Damaged, match=reference.sha256[:12]):
            reading(reference)


def test_broken_pages_are_damaged_and_not_a_store_out_of_reach(local_store: ArtifactStore) -> None:
    table = unlabelled([f"text {number} " * 500 for number in range(50)])
    reference = local_store.write("unlabelled", table, producer="test")
    path = local_path(local_store, reference)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(b ^ 0xFF for b in whole[4:3000]) + whole[3000:])
    with pytest.raises(Damaged):
        local_store.read(reference)
    with pytest.raises(Damaged):
        list(local_store.batches(reference))


def test_a_missing_file_is_damaged_and_named(store: ArtifactStore) -> None:
    gone = ArtifactReference("memory://gone", "ab" * 32, 1, NAME)
    for reading in (store.read, store.verify, store.header, store.read_bytes):
        with pytest.raises(Damaged, match="abababababab is missing"):
            reading(gone)


def test_another_schema_under_the_name_is_damaged(local_store: ArtifactStore) -> None:
    reference = local_store.write(NAME, frequencies(), producer="test")
    other = local_store.write("unlabelled", unlabelled(["x"]), producer="test")
    local_path(local_store, reference).write_bytes(local_path(local_store, other).read_bytes())
    with pytest.raises(Damaged, match="holds rows of the schema unlabelled"):
        local_store.read(reference)


def test_a_schema_version_of_a_newer_release_is_refused(local_store: ArtifactStore) -> None:
    reference = local_store.write(NAME, frequencies(), producer="test")
    header = {**local_store.header(reference), "schema_version": SCHEMAS[NAME].version + 1}
    newer = frequencies().replace_schema_metadata({HEADER_KEY: canonical(header)})
    pq.write_table(newer, local_path(local_store, reference))
    with pytest.raises(Damaged) as caught:
        local_store.read(reference)
    assert caught.value.code == "unknown-schema-version"


def test_a_file_without_descriptions_is_read_and_verified_like_any_other(
    local_store: ArtifactStore,
) -> None:
    described = local_store.write(NAME, frequencies(), producer="test")
    path = local_path(local_store, described)
    assert pq.read_schema(path).field(0).metadata[b"description"]
    plain = pa.schema([field.remove_metadata() for field in SCHEMAS[NAME].arrow])
    header = {HEADER_KEY: canonical(local_store.header(described))}
    table = frequencies().cast(plain).replace_schema_metadata(header)
    pq.write_table(table, path)
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    assert not pq.read_schema(path).field(0).metadata
    with local_store._registry.transaction() as session:
        row = session.get_one(ArtifactRow, described.sha256)
        row.sha256, row.path = old, path_of(NAME, old)
    target = local_path(local_store, local_store.reference(old))
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    local_store.verify(local_store.reference(old))
    assert local_store.read(local_store.reference(old)).equals(frequencies())


def test_inputs_that_differ_between_file_and_registry_are_found(
    local_store: ArtifactStore,
) -> None:
    source = local_store.write(NAME, frequencies(), producer="crawl")
    made = local_store.write(NAME, frequencies(5), producer="test", inputs={"seed_set": source})
    with local_store._registry.transaction() as session:
        session.execute(sa.delete(ArtifactInput))
    with pytest.raises(Damaged, match="other inputs"):
        local_store.verify(made)


def test_a_full_disk_is_told_and_leaves_nothing(
    small_disk: Path, sqlite_registry: Registry
) -> None:
    store = ArtifactStore(str(small_disk / "artifacts"), sqlite_registry, clock=noon)
    kept = store.write(NAME, frequencies(), producer="test")
    noise = unlabelled([os.urandom(1 << 20).hex() for _ in range(4)])
    with pytest.raises(StoreUnavailable) as caught:
        store.write("unlabelled", noise, producer="test")
    assert caught.value.code == "store-full"
    assert files_below(small_disk) == [local_path(store, kept)]
    with sqlite_registry.reading() as session:
        assert session.scalars(sa.select(ArtifactRow.sha256)).all() == [kept.sha256]
    store.verify(kept)


def test_a_file_size_limit_is_told_as_full_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from cultivar.core.errors import StoreUnavailable\n"
        "from cultivar.store.files import LocalFiles\n"
        "files = LocalFiles(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    with files.staged() as staged:\n"
        "        for _ in range(100): staged.write(b'x' * 1000)\n"
        "        files.publish(staged, 'a/b/c')\n"
        "except StoreUnavailable as error:\n"
        "    print(error.code)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "artifacts")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "store-full"
    assert files_below(tmp_path / "artifacts") == []


def test_a_read_only_store_is_told_and_can_still_be_read(
    disk_to_protect: Path, sqlite_registry: Registry
) -> None:
    store = ArtifactStore(str(disk_to_protect), sqlite_registry, clock=noon)
    kept = store.write(NAME, frequencies(), producer="test")
    protect(disk_to_protect)
    with pytest.raises(StoreUnavailable) as caught:
        store.write(NAME, frequencies(7), producer="test")
    assert caught.value.code == "store-read-only"
    assert store.read(kept).equals(frequencies())


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(local_store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir(mode=0o500)
    with pytest.raises(StoreUnavailable) as caught:
        local_store.write(NAME, frequencies(), producer="test")
    assert caught.value.code == "store-read-only"


def test_a_bucket_that_does_not_exist_is_unreachable(
    s3_url: str, sqlite_registry: Registry
) -> None:
    store = ArtifactStore(f"{s3_url}-gone", sqlite_registry, clock=noon)
    with pytest.raises(StoreUnavailable) as caught:
        store.write(NAME, frequencies(), producer="test")
    assert caught.value.code == "store-unreachable"


def test_a_server_that_does_not_answer_is_unreachable(
    sqlite_registry: Registry, s3_environment: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        s3_environment.setenv(name, value)
    store = ArtifactStore("s3://somewhere-out-of-reach", sqlite_registry, clock=noon)
    with pytest.raises(StoreUnavailable) as caught:
        store.write(NAME, frequencies(), producer="test")
    assert caught.value.code == "store-unreachable"


@pytest.mark.parametrize("store_url", ["local", "s3"], indirect=True)
def test_a_copy_that_breaks_off_leaves_no_file(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = ArtifactStore(str(tmp_path / "elsewhere"), store._registry, clock=noon)
    name = path_of(NAME, elsewhere.write(NAME, frequencies(), producer="test").sha256)

    def broken(source: object, target: object, length: int = 0) -> None:
        target.write(b"half")  # type: ignore[attr-defined]
        raise OSError(5, "connection lost")

    if isinstance(store.files, LocalFiles):
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(5, "lost")))
    monkeypatch.setattr(files_module, "_BYTES_A_REQUEST", 0)
    monkeypatch.setattr("shutil.copyfileobj", broken)
    with pytest.raises(StoreUnavailable) as caught:
        store.write(NAME, frequencies(), producer="test")
    assert caught.value.code == "store-unreachable"
    assert store.files.size(name) is None


def test_bytes_that_are_not_parquet_are_kept_as_they_are(store: ArtifactStore) -> None:
    reference = store.write_bytes("model", b"numbers", producer="test")
    assert reference.url.endswith(".safetensors")
    assert store.read_bytes(reference) == b"numbers"


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(any_table())
def test_any_table_written_is_read_and_verified(
    local_store: ArtifactStore, drawn: tuple[DeclaredSchema, pa.Table]
) -> None:
    schema, table = drawn
    reference = local_store.write(schema.name, table, producer="test")
    assert local_store.read(reference).equals(table)
    assert local_store.write(schema.name, table.to_batches(), producer="test").rows == len(table)
    local_store.verify(reference)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text(min_size=1, max_size=20), st.sampled_from(sorted(SCHEMAS)))
def test_any_producer_and_part_come_back_from_the_header(
    local_store: ArtifactStore, text: str, part: str
) -> None:
    source = local_store.write(NAME, frequencies(), producer="source")
    made = local_store.write(NAME, frequencies(5), producer=text, inputs={part: source})
    assert local_store.header(made)["producer"] == text
    assert local_store.inputs_of(made.sha256) == {part: source.sha256}


WRITER = """
import os, signal, sys
from datetime import UTC, datetime
from cultivar.store import artifacts
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.files import LocalFiles
from cultivar.store.registry import Registry
from tests.store.tables_of import frequencies

home, step = sys.argv[1:]
store = ArtifactStore(home + "/artifacts", Registry.open(f"sqlite:///{home}/registry.db"),
                      clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))

def die(*rest, **options):
    os.kill(os.getpid(), signal.SIGKILL)

if step == "before the rename":
    LocalFiles.publish = die
elif step == "before the row":
    ArtifactStore._register = die
elif step == "inside the row's transaction":
    artifacts.ArtifactInput = die
source = None
for number in range(1_000_000):
    inputs = {"previous": source} if source else {}
    source = store.write("document_frequencies", frequencies(200, number), producer="w",
                         inputs=inputs)
    print("written", flush=True)
"""


def start_writer(home: Path, step: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(home), step]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check_consistent(home: Path) -> int:
    """Every row has a whole file, every final name is whole; return the number of rows."""
    with Registry.open(f"sqlite:///{home / 'registry.db'}") as registry:
        store = ArtifactStore(str(home / "artifacts"), registry, clock=noon)
        with registry.reading() as session:
            hashes = session.scalars(sa.select(ArtifactRow.sha256)).all()
        for sha256 in hashes:
            store.verify(store.reference(sha256))
        for path in (home / "artifacts").rglob("*.parquet"):
            reference = ArtifactReference(str(path), path.stem, 200, path.parts[-3])
            assert store.read(reference).num_rows == 200
            with path.open("rb") as file:
                assert sha256_of(file) == path.stem
    return len(hashes)


@pytest.mark.parametrize(
    "step", ["before the rename", "before the row", "inside the row's transaction"]
)
def test_a_writer_killed_at_each_step_leaves_a_consistent_store(tmp_path: Path, step: str) -> None:
    with start_writer(tmp_path, step) as writer:
        assert writer.wait(timeout=60) == -9
    assert check_consistent(tmp_path) <= 1


@pytest.mark.slow
def test_a_writer_killed_at_random_moments_leaves_a_consistent_store(tmp_path: Path) -> None:
    moments, counts = random.Random(3), [0]
    for _ in range(5):
        with start_writer(tmp_path, "none") as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moments.random() * 0.15)
            writer.kill()
        counts.append(check_consistent(tmp_path))
    assert counts[-1] > 0
    assert counts == sorted(counts)
