"""What operations return has a type that says what is in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cultivar.operations

ROOT = Path(cultivar.operations.__file__).parent
UNTYPED = re.compile(r"(dict|Mapping|Row)\[str, (Any|object)\]")
# documents that are written or stored as JSON, and rows of tables
STORED = {
    "content.noticed.record_noticed": "a part of the column `crawl` of a location",
    "policies.writers.places.Place.as_dict": "the column `target` of a write",
    "projects.document_rows.row_of": "a row of the artifact of documents",
    "projects.documents.exported": "the labels file, whose keys are those of its format",
    "projects.models.evaluation_of": "the column `evaluation` of a model",
    "projects.job_rows.moved": "the column `phases` of a job",
    "projects.job_rows.phase_of": "the column `phases` of a job",
    "tenant.disclosure.export_person": "the document that a person is handed",
}


def _returns() -> Iterator[tuple[str, str]]:
    """Yield each public function and method with what it says that it returns."""
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield from _in(module, ast.parse(path.read_text(encoding="utf-8")).body)


def _in(name: str, body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for each in body:
        if isinstance(each, ast.ClassDef) and not each.name.startswith("_"):
            yield from _in(f"{name}.{each.name}", each.body)
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and each.returns:
            yield f"{name}.{each.name}", ast.unparse(each.returns)


def test_no_operation_returns_a_mapping_that_does_not_say_what_it_holds() -> None:
    found = {name for name, returned in _returns() if UNTYPED.search(returned)}
    assert found == set(STORED)


def test_operations_are_looked_at() -> None:
    returned = dict(_returns())
    assert len(returned) > 200
    assert returned["classifiers.details.classifier_details"] == "ClassifierDetails"
