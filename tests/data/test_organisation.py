"""What lies in the sample organisation's folders, held against its manifest."""

from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes, policy
from mailbox import mbox
from pathlib import Path

import pytest

from cultivar.content.crawl.duplicates import NEAR_AT_LEAST, shingles, similarity
from cultivar.content.documents.parsing import parse
from cultivar.content.limits import Limits
from data.sample import Entry, generate, read_manifest
from data.sample.broken import PASSWORD
from data.sample.plan import TARGETS
from tests.data.conftest import Organisation
from tests.data.reading import read_items

_FORMATS = {"docx", "pdf", "xlsx", "pptx", "odt", "html", "eml", "mbox", "txt", "md", "rtf"}


def test_there_are_at_least_1500_items_in_eleven_formats(organisation: Organisation) -> None:
    formats = Counter(entry.format for entry in organisation.manifest if entry.unique)
    assert formats.total() >= 1_500
    assert set(formats) == _FORMATS
    assert min(formats.values()) >= 10


def test_every_file_is_in_the_manifest_and_no_other(organisation: Organisation) -> None:
    files = {
        path.relative_to(organisation.folder).as_posix()
        for path in organisation.folder.rglob("*")
        if path.is_file()
    }
    assert files == {entry.path for entry in organisation.manifest} | {"labels.csv"}


def test_the_manifest_reads_back(organisation: Organisation) -> None:
    assert read_manifest(organisation.folder) == organisation.manifest


@pytest.mark.parametrize("goal", TARGETS, ids=lambda goal: goal.kind)
def test_a_classifier_has_seeds_and_a_balanced_test_set(
    organisation: Organisation, goal: object
) -> None:
    kind = getattr(goal, "kind", "")
    seeds = organisation.manifest.select(role="seed", classifier=kind)
    tests = organisation.manifest.select(role="test", classifier=kind)
    positives = [entry for entry in tests if entry.label == "positive"]
    assert len(seeds) >= 60
    assert all(entry.kind == kind and not entry.borderline for entry in seeds)
    assert len(tests) >= 240
    assert len(positives) * 2 == len(tests)
    assert all((entry.kind == kind) == (entry.label == "positive") for entry in tests)
    assert sum(entry.borderline == kind for entry in tests) >= 60


@pytest.mark.parametrize("goal", TARGETS, ids=lambda goal: goal.kind)
def test_the_body_hides_positives_at_a_natural_prevalence(
    organisation: Organisation, goal: object
) -> None:
    body = organisation.manifest.select(role="body")
    share = sum(entry.kind == getattr(goal, "kind", "") for entry in body) / len(body)
    assert 0.02 <= share <= 0.15


def test_workloads_have_folders_of_their_own(organisation: Organisation) -> None:
    found = {(entry.path.split("/")[0], entry.workload) for entry in organisation.manifest}
    assert found == {
        ("sites", "sharepoint"),
        ("mail", "exchange"),
        ("onedrive", "onedrive"),
        ("seeds", "sharepoint"),
        ("tests", "sharepoint"),
    }


def test_other_languages_are_there(organisation: Organisation) -> None:
    languages = Counter(entry.language for entry in organisation.manifest if entry.unique)
    assert set(languages) == {"en", "de", "fr", "es"}
    assert min(languages.values()) >= 10


def test_exact_copies_have_the_bytes_of_their_originals(organisation: Organisation) -> None:
    copies = organisation.manifest.select(duplicate="exact")
    assert len(copies) >= 20
    for copy in copies:
        original = organisation.folder / copy.duplicate_of
        assert (organisation.folder / copy.path).read_bytes() == original.read_bytes()


def test_near_copies_are_near_enough_for_the_crawl_to_mark_them(organisation: Organisation) -> None:
    copies = organisation.manifest.select(duplicate="near")
    assert len(copies) >= 20
    for copy in copies:
        original = next(e for e in organisation.manifest if e.path == copy.duplicate_of)
        (text,), (other,) = (read_items(organisation.folder, e.path) for e in (copy, original))
        assert text.text != other.text
        shared = similarity(shingles(text.text or ""), shingles(other.text or ""))
        assert shared >= NEAR_AT_LEAST, copy


def test_seed_and_test_sets_hold_no_copies(organisation: Organisation) -> None:
    sets = [entry for entry in organisation.manifest if entry.role != "body"]
    contents = [(organisation.folder / entry.path).read_bytes() for entry in sets]
    assert len(set(contents)) == len(sets)
    assert all(entry.unique for entry in sets)


@pytest.mark.requirement("TC-28")
def test_broken_files_are_empty_encrypted_or_corrupt_to_the_crawl(
    organisation: Organisation,
) -> None:
    broken = [entry for entry in organisation.manifest if entry.broken]
    assert set(Counter(entry.broken for entry in broken)) == {"empty", "encrypted", "corrupt"}
    found = {entry.path: read_items(organisation.folder, entry.path)[0].status for entry in broken}
    assert found == {entry.path: entry.broken for entry in broken}


def test_encrypted_files_open_with_their_password(organisation: Organisation) -> None:
    import io
    import zipfile

    import msoffcrypto
    from docx import Document

    locked = organisation.manifest.select(broken="encrypted")
    by_format = {entry.format: (organisation.folder / entry.path) for entry in locked}
    with zipfile.ZipFile(by_format["zip"]) as archive:
        assert len(archive.read("notes.txt", pwd=PASSWORD.encode())) > 100
    office = msoffcrypto.OfficeFile(io.BytesIO(by_format["docx"].read_bytes()))
    office.load_key(password=PASSWORD)
    plain = io.BytesIO()
    office.decrypt(plain)
    assert "appraisal" in Document(plain).paragraphs[0].text


def _sampled(organisation: Organisation, each: int) -> list[Entry]:
    """A few good items of every format, the same ones each time."""
    by_format: dict[str, list[Entry]] = {}
    for entry in organisation.manifest:
        if entry.unique:
            by_format.setdefault(entry.format, []).append(entry)
    return [entry for found in by_format.values() for entry in found[:: max(1, len(found) // each)]]


@pytest.mark.requirement("TC-28", "TC-43")
def test_a_sample_of_every_format_is_read_with_its_date(
    organisation: Organisation,
) -> None:
    _check_read(organisation, _sampled(organisation, each=8))


@pytest.mark.slow
@pytest.mark.requirement("TC-28", "TC-43")
def test_every_item_is_read_with_its_date(organisation: Organisation) -> None:
    _check_read(organisation, [entry for entry in organisation.manifest if entry.unique])


def _check_read(organisation: Organisation, entries: list[Entry]) -> None:
    for entry in entries:
        item = read_items(organisation.folder, entry.path)[int(entry.member or 0)]
        assert item.status == "ok", entry
        assert len((item.text or "").split()) >= 10, entry
        if entry.created_source == "modified":
            stamp = (organisation.folder / entry.path).stat().st_mtime
            assert datetime.fromtimestamp(stamp, UTC) == datetime.fromisoformat(entry.created)
        else:
            assert item.own_date is not None, entry
            assert item.own_source == entry.created_source
            assert f"{item.own_date:%Y-%m-%dT%H:%M}" == entry.created[:16]


def test_messages_have_no_defects_and_ids_of_their_own(organisation: Organisation) -> None:
    messages = list(_messages(organisation.folder, organisation.manifest.select(format="eml")))
    assert len(messages) >= 100
    identities = set()
    for content in messages:
        message = message_from_bytes(content, policy=policy.default)
        assert not message.defects
        assert message["Date"].datetime.tzinfo is not None
        assert "@" in message["From"]
        assert all(part.get_content() for part in message.iter_attachments())
        identities.add(message["Message-ID"])
    assert len(identities) == len(messages)


def test_some_messages_carry_what_they_are_about_as_an_attachment(
    organisation: Organisation,
) -> None:
    mails = organisation.manifest.select(format="eml")
    carriers = [entry for entry in mails if entry.form.startswith("mailed_")]
    assert len(carriers) >= 10
    for entry in carriers:
        content = (organisation.folder / entry.path).read_bytes()
        message = message_from_bytes(content, policy=policy.default)
        (attached,) = message.iter_attachments()
        (inside,) = parse("attached.pdf", attached.get_content(), Limits())
        (item,) = read_items(organisation.folder, entry.path)
        assert (attached.get_filename() or "").endswith(".pdf")
        assert set((inside.text or "").split()) <= set((item.text or "").split())


def _messages(folder: Path, entries: tuple[Entry, ...]) -> list[bytes]:
    return [(folder / entry.path).read_bytes() for entry in entries]


def test_a_mailbox_holds_as_many_messages_as_the_manifest_says(
    organisation: Organisation,
) -> None:
    expected = Counter(e.path for e in organisation.manifest if e.format == "mbox")
    assert max(expected.values()) >= 3
    for path, count in expected.items():
        box = mbox(organisation.folder / path, create=False)
        assert len(box) == count
        assert all(message["Subject"] and message["Message-ID"] for message in box)
        box.close()


def test_a_folder_that_holds_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        generate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("scale", [0.0, 1.5, -1.0])
def test_a_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.01 and 1"):
        generate(tmp_path / "new", scale=scale)
    assert not (tmp_path / "new").exists()
