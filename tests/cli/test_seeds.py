"""Seeds at the command line: found by a description and picked by keys, and checked."""

from pathlib import Path

from cultivar.core.roles import Role
from cultivar.operations.tenant.people import revoke_role
from cultivar.operations.training.seed_suggestions import search_seeds
from cultivar.store.tables import AuditRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.organisation import CONTRACT

LIKE = f"A document with {' '.join(CONTRACT[:6])}"


def _is_contract(text: str) -> bool:
    return sum(word in CONTRACT for word in text.split()) > 5


def _opened(workspace: Workspace) -> int:
    with workspace.registry.reading() as session:
        rows = session.query(AuditRow).filter_by(action="content opened").all()
        return sum(row.details.get("reason") == "seed suggestion" for row in rows)


def test_what_is_like_a_description_comes_first_and_opening_it_is_on_record(
    reviewable: Workspace,
) -> None:
    search = search_seeds(reviewable, "alex", LIKE)
    first = search.next(10)
    assert all(_is_contract(each.text) for each in first)
    assert _opened(reviewable) == 10
    # what is refused goes, and its like with it
    search.answers |= {each.item_id: False for each in first}
    second = search.next(10)
    assert not {each.item_id for each in second} & set(search.answers)
    assert sum(_is_contract(each.text) for each in second) < 10


def test_picks_by_keys_are_files_that_an_undo_takes_back_and_a_return_finds(
    cultivar: Command, reviewable: Workspace, tmp_path: Path
) -> None:
    into = tmp_path / "picked"
    asked = ("seeds", "suggest", "Leases", "--like", LIKE, "--into", str(into), "--json")
    answer = cultivar(*asked, typed="y\nn\ny\ny\nu\nq\n")
    assert answer.json["picked"] == 2
    texts = {each.read_text(encoding="utf-8") for each in into.iterdir()}
    assert len(texts) == 2
    assert all(_is_contract(each) for each in texts)
    again = cultivar(*asked, typed="y\nq\n")
    assert again.json["picked"] == len(list(into.iterdir())) == 3


def test_bad_input_is_a_sentence(cultivar: Command, reviewable: Workspace, tmp_path: Path) -> None:
    empty = cultivar("seeds", "suggest", "Leases", "--like", " .. ", "--json")
    assert (empty.code, empty.error) == (1, "empty-text")
    nowhere = cultivar("seeds", "check", "nobody", "--json")
    assert (nowhere.code, nowhere.error) == (1, "unknown-classifier")
    into = tmp_path / "file"
    into.write_text("a file")
    assert cultivar("seeds", "suggest", "L", "--like", LIKE, "--into", str(into)).code == 2
    below = ("--into", str(into / "below"), "--json")
    unwritable = cultivar("seeds", "suggest", "L", "--like", LIKE, *below, typed="y\nq\n")
    assert (unwritable.code, unwritable.error) == (1, "cannot-write")
    revoke_role(reviewable, "alex", "alex", str(Role.CONTENT_VIEWER))
    refused = cultivar("seeds", "suggest", "Leases", "--like", LIKE, "--json")
    assert refused.error == "wrong-role"


def test_a_check_names_a_classifier_or_a_source(cultivar: Command, reviewable: Workspace) -> None:
    by_name = cultivar("seeds", "check", "contracts")
    assert "No seed is in doubt." in by_name.out
    assert "Next: cultivar status contracts" in by_name.out
    by_source = cultivar("seeds", "check", "contracts-seeds/Documents/seeds", "--json")
    assert by_source.json["seeds"]["found"]["seeds"] == 60
