"""A version learns the same from mail as from files: from what its authors wrote."""

from collections.abc import Iterable
from dataclasses import replace

from cultivar.content.locations import Source
from cultivar.core.learning.text import document_frequencies
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.operations.training.seeds import attach_seed_set, build_seed_set
from cultivar.operations.training.training import material_of, training_inputs
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
)

HEAD = "Subject: boilerplate\nFrom: Ada <ada@example.org>\n\n"


def as_mail(found: Iterable[Document]) -> list[Document]:
    return [replace(each, text=HEAD + each.text, own_text=each.text) for each in found]


def test_seeds_everyday_content_and_frequencies_are_own_words(organisation: Organisation) -> None:
    workspace = organisation.workspace
    everyday, seeds = documents(NOISE, 220, "inbox"), documents(CONTRACT, 60, "Documents/seeds")
    bootstrap(workspace, ADMINISTRATOR)
    organisation.add("intranet", as_mail(everyday))
    organisation.take_baseline()
    organisation.add("kept", as_mail(seeds), "seed")
    source = Source("kept", "Documents", "seeds")
    made = create_classifier(workspace, ADMINISTRATOR, "Contracts", "Made for a test", source)
    built = build_seed_set(workspace, ADMINISTRATOR, made.classifier_id)
    attach_seed_set(workspace, ADMINISTRATOR, made.classifier_id, built)
    given = material_of(workspace, *training_inputs(workspace, made.classifier_id))
    assert sorted(given.seeds.column("text").to_pylist()) == sorted(each.text for each in seeds)
    learned = given.unlabelled.column("text").to_pylist()
    assert sorted(learned) == sorted(each.text for each in everyday)
    plain = document_frequencies(items_table("intranet", everyday).column("text"))
    assert given.document_frequencies.sort_by("feature").equals(plain.sort_by("feature"))
    shown = workspace.artifacts.read(built, columns=["text"]).column("text").to_pylist()
    assert all(text.startswith(HEAD) for text in shown)
