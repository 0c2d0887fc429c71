"""Sittings at a real terminal: what stays on the screen, what keys do, and that nothing is lost."""

import re
from dataclasses import replace

import pytest

from cli.base.session import Session
from cli.feedback import _after
from cli.terminal.cards import title_of
from cli.terminal.drafts import Draft, Drafted
from cli.terminal.listed_mail import ListedMail
from cultivar.core.errors import NotPermitted
from cultivar.core.roles import Role
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining.feedback_sittings import open_listed
from cultivar.operations.retraining.feedback_views import feedback_status
from cultivar.operations.retraining.retraining import begin_retraining, fail_retraining
from cultivar.operations.review.cards import card_of, card_of_listed
from cultivar.operations.review.items import next_items
from cultivar.operations.review.verdicts import close_batch, open_batch, record_verdicts
from cultivar.operations.tenant.people import revoke_role
from cultivar.store.tables import AuditRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal
from tests.operations.mail import CLASSIFIER, give, in_use, listed
from tests.operations.organisation import Organisation
from tests.orchestration import Orchestrator


def opened(workspace: Workspace, reason: str) -> int:
    """Return how many documents were opened for a reason."""
    with workspace.registry.reading() as session:
        rows = session.query(AuditRow).filter_by(action="content opened").all()
        return sum(row.details.get("reason") == reason for row in rows)


@pytest.fixture
def used(reviewable: Workspace) -> Organisation:
    made = Organisation(reviewable)
    made.agree()
    return in_use(made)


def verdicts(workspace: Workspace) -> list[str]:
    """Return the verdicts that were sent."""
    return [each.verdict for each in feedback_status(workspace, "alex", CLASSIFIER).verdicts]


@pytest.mark.slow
@pytest.mark.requirement("TC-53")
def test_a_small_screen_keeps_heading_and_keys_while_the_text_scrolls_and_the_window_changes(
    reviewable: Workspace,
) -> None:
    with Terminal("review", "contracts", columns=60, rows=11, PAGER="cat") as terminal:
        terminal.wait_for("quit")
        terminal.settle(3.0)
        first = terminal.answer("x")
        assert len(first) == 11
        assert "x does nothing here; ? shows the keys." in first[-1]
        assert "Batch 1, item 1 of 30" in first[0]
        scrolled = terminal.answer(" ")
        assert scrolled[:2] == first[:2]
        assert scrolled[3] != first[3]
        assert any("We predict this item is" in line for line in scrolled)
        terminal.screen = ""
        terminal.resize(90, 30)
        larger = terminal.settle()
        assert len(larger) == 30
        assert "Batch 1, item 1 of 30" in larger[0]
        assert any("not sure, skip to next item" in line for line in terminal.answer("?"))
        terminal.answer("\r")
        assert "There is nothing here" in terminal.answer("u")[-1]
        assert "Batch 1, item 2 of 30" in terminal.answer("m")[0]
        assert 'Taken back: "not sure"' in terminal.answer("u")[-1]
        terminal.press("o")
        whole = next_items(reviewable, "alex", "contracts")[0].text
        terminal.wait_for(re.escape(whole.split()[-1]))
        terminal.wait_for("Enter goes back")
        assert opened(reviewable, "review") == 1
        assert "Batch 1, item 1 of 30" in terminal.answer("\r")[0]
        terminal.press("q")
        terminal.wait_for("Next: ")
        assert terminal.process.wait(30) == 0


def test_only_who_may_open_content_opens_a_whole_document(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "cat")
    cultivar("review", "contracts", typed="o\nq\n")
    assert opened(reviewable, "review") == 1
    revoke_role(reviewable, "alex", "alex", str(Role.CONTENT_VIEWER))
    refused = cultivar("review", "contracts", typed="o\nq\n")
    assert "content explorer content viewer" in refused.out
    assert opened(reviewable, "review") == 1


def test_who_may_not_open_content_gives_no_feedback_by_keys(used: Organisation) -> None:
    revoke_role(used.workspace, "alex", "alex", str(Role.CONTENT_VIEWER))
    with pytest.raises(NotPermitted, match="open the content"):
        open_listed(used.workspace, "alex", CLASSIFIER, listed(used)[:1])
    assert opened(used.workspace, "feedback") == 0


@pytest.mark.parametrize(
    ("pager", "said"), [("no-such-program", "does not start"), ("less '", "never closed")]
)
def test_a_pager_that_does_not_start_is_named(
    cultivar: Command,
    reviewable: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    pager: str,
    said: str,
) -> None:
    monkeypatch.setenv("PAGER", pager)
    answer = cultivar("review", "contracts", typed="o\ny\nq\n")
    assert answer.code == 0
    assert said in answer.out


@pytest.mark.slow
@pytest.mark.requirement("RT-20", "RT-21", "RT-23")
def test_feedback_by_keys_counts_once_it_is_sent_and_survives_ctrl_c(used: Organisation) -> None:
    other = used.create("Leases")
    used.train(other)
    used.test(other, site="lease-tests", start=60_000)
    used.agree(other)
    publish(used.workspace, "alex", other)
    with Terminal("feedback", CLASSIFIER, columns=80, rows=24) as terminal:
        terminal.wait_for("Is it a match")
        terminal.settle()
        assert any("1    Leases" in line for line in terminal.answer("s"))
        assert any("✓ Leases" in line for line in terminal.answer("1"))
        assert "Suggested: Leases" in terminal.answer("\r")[-1]
        terminal.answer("y")
        terminal.answer("n")
        assert "2 verdicts not sent yet" in terminal.answer("m")[1]
        terminal.press("\x03")
        terminal.wait_for("2 verdicts are kept here and not sent")
        assert terminal.process.wait(30) == 130
    assert verdicts(used.workspace) == []
    with Terminal("feedback", CLASSIFIER, columns=80, rows=24) as terminal:
        terminal.wait_for("2 verdicts not sent yet")
        terminal.settle()
        assert 'Taken back: "not a match"' in terminal.answer("u")[-1]
        terminal.answer("y")
        leaving = terminal.answer("q")
        assert any("2 verdicts are not sent yet and are not counted." in line for line in leaving)
        assert "z does nothing here" in terminal.answer("z")[-1]
        assert any("Is it a match" in line for line in terminal.answer("b"))
        terminal.answer("q")
        terminal.press("\r")
        terminal.wait_for(
            "2 verdicts kept: 2 count towards the next retraining. 2 of 30 items are judged"
        )
        terminal.wait_for("leases says of")
        terminal.wait_for(f"Next: .*cultivar feedback {CLASSIFIER}")
    assert verdicts(used.workspace) == ["match", "match"]
    assert opened(used.workspace, "feedback") > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.requirement("RT-19", "RT-24", "RT-29")
def test_31_keys_give_30_verdicts_and_the_retraining_that_follows(
    used: Organisation, orchestrator: Orchestrator
) -> None:
    """No runner serves the retraining here, so that the command starts it."""
    mixed = {each.item_id for each in listed(used) if each.known["folder"].endswith("mixed")}
    keys = ["n" if each.item_id in mixed else "y" for each in listed(used)[:30]]
    with Terminal("feedback", CLASSIFIER, PREFECT_API_URL=orchestrator.api_url) as terminal:
        terminal.wait_for("Is it a match")
        for number, key in enumerate(keys, start=1):
            terminal.press(key)
            terminal.wait_for(f"{number} verdicts? not sent yet")
        terminal.wait_for("enough for the next retraining")
        terminal.press("\r")
        terminal.wait_for("30 items are judged: a retraining is due.")
        terminal.wait_for("Recommended", 300)
        assert terminal.process.wait(60) == 0
    assert sorted(verdicts(used.workspace)) == sorted(
        "match" if key == "y" else "not a match" for key in keys
    )


def test_where_every_listed_item_is_judged_more_mail_comes_next(used: Organisation) -> None:
    give(used, listed(used)[:29])
    pile = ListedMail(Session(), CLASSIFIER)
    assert _after(pile) == f"cultivar feedback {CLASSIFIER}"
    pile._items = dict(list(pile._items.items())[:29])
    assert pile.is_all_judged
    assert pile.missing == 1
    assert _after(pile) == "cultivar crawl"
    give(used, listed(used)[:30])
    assert _after(ListedMail(Session(), CLASSIFIER)) == f"cultivar retrain status {CLASSIFIER}"


def test_a_sitting_says_when_a_retraining_that_is_due_may_start(used: Organisation) -> None:
    pile = ListedMail(Session(), CLASSIFIER)
    assert pile._when() == "which then starts"
    give(used, listed(used)[:30])
    begun = begin_retraining(used.workspace, "alex", CLASSIFIER)
    assert ListedMail(Session(), CLASSIFIER)._when() == "which waits for the one that runs"
    fail_retraining(used.workspace, "alex", begun, "a test")
    begun = begin_retraining(used.workspace, "alex", CLASSIFIER)
    fail_retraining(used.workspace, "alex", begun, "a test")
    assert "as two started within 24 hours" in ListedMail(Session(), CLASSIFIER)._when()


def test_a_draft_survives_what_is_no_draft_and_belongs_to_one_person(
    reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = Draft(Session(), "contracts")
    draft.give("a", Drafted("match", ("leases",)))
    draft.give("b", Drafted("not a match"))
    assert Draft(Session(), "contracts").verdicts == draft.verdicts
    assert draft.keep_only({"b"}) == 1
    [file] = (reviewable.settings.home / "drafts").iterdir()
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert Draft(Session(), "contracts").verdicts == {}
    monkeypatch.setenv("CULTIVAR_USER", "alex")
    for damaged in ("", "[]", '{"b": []}', '{"b": ["perhaps"]}', '{"b": 1}', "\x00"):
        file.write_text(damaged, encoding="utf-8")
        assert Draft(Session(), "contracts").verdicts == {}
    draft.clear()
    assert not file.exists()


def test_a_score_that_only_just_falls_short_is_told_from_its_threshold(
    reviewable: Workspace,
) -> None:
    open_batch(reviewable, "alex", "contracts")
    item = replace(next_items(reviewable, "alex", "contracts")[0], score=0.6149)
    about = "about 6 in 10 such items are relevant"
    said = 'on this balanced test says "Relevant"'
    assert card_of(item, 0.6148).basis == f"61.49 %: {about}; from 61.48 % {said}"
    assert card_of(item, 0.4).basis == f"61 %: {about}; from 40 % {said}"


def test_a_title_stays_on_its_line_and_an_excerpt_is_called_one(reviewable: Workspace) -> None:
    open_batch(reviewable, "alex", "contracts")
    item = next_items(reviewable, "alex", "contracts")[0]
    odd = card_of(replace(item, title="One\r\n\x1b[2Jtwo", text="word " * 2_000), 0.5)
    excerpt = " · excerpt of 10,000 characters, o opens all"
    assert title_of(odd, 80) == f"One \ufffd[2Jtwo{excerpt}"
    long = replace(odd, title="Re: POTVIN and HIS STICK · mail/inbox/0051.eml")
    assert title_of(long, 120) == f"{long.title}{excerpt}"
    assert title_of(long, 80) == f"Re: POTVIN and HIS STICK · ma…{excerpt}"


def test_a_listed_item_shows_where_it_lies_and_what_was_said_of_it(used: Organisation) -> None:
    item = listed(used)[0]
    card = card_of_listed(item, "text", 0.5, "match")
    assert card.title == f"mail/{item.known['folder']}/{item.known['name']}"
    assert card.question.endswith('Is it a match? Your verdict so far: "match".')


def test_the_state_is_stated_once_when_publish_opens_and_after_publishing(
    cultivar: Command, reviewable: Workspace
) -> None:
    made = Organisation(reviewable)
    made.agree()
    ready = cultivar("review", "contracts", typed="q\n")
    assert ready.out.count("publish is open") == 1 + ready.out.count("· publish is open")
    assert "Publish is not open yet" not in ready.out
    assert "Next: cultivar publish contracts" in ready.out
    publish(reviewable, "alex", "contracts")
    published = cultivar("review", "contracts", typed="q\n")
    assert "Accuracy is stable: the newest version is published." in published.out
    assert "Next: cultivar label" in published.out


def test_a_closed_batch_that_waits_to_be_learned_from_is_said(
    cultivar: Command, reviewable: Workspace
) -> None:
    from cli.terminal.review_state import standing_lines
    from cultivar.operations.review.verdicts import review_state

    open_batch(reviewable, "alex", "contracts")
    items = next_items(reviewable, "alex", "contracts")
    record_verdicts(reviewable, "alex", "contracts", {each.item_id: "yes" for each in items})
    close_batch(reviewable, "alex", "contracts")
    lines = standing_lines(review_state(reviewable, "alex", "contracts"), published=False)
    assert "still to be learned from" in lines[-1]
    assert not any("Publish is not open yet" in line for line in lines)
