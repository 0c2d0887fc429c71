"""What a person sees while a flow works."""

from cli.base.flow_runs import accounts
from cli.base.session import Session, counted
from cultivar.operations.runs import claim
from cultivar.store.workspace import Workspace


def test_progress_is_what_the_registry_says_of_a_stage_at_work(reviewable: Workspace) -> None:
    session, since = Session(), reviewable.clock()
    try:
        assert accounts(session, ["contracts"], since) == []
        with claim(reviewable, "training", "contracts") as run:
            run.progress(1200, 3000)
            shown = accounts(session, ["contracts", "tenant:opt_in"], since)
            assert shown == ["Training of contracts: 1,200 of 3,000"]
            assert accounts(session, ["contracts"], reviewable.clock()) == []
        assert accounts(session, ["contracts"], since) == []
    finally:
        session.close()


def test_an_unknown_total_is_left_out() -> None:
    assert counted("Crawling", 1500, None) == "Crawling: 1,500"
