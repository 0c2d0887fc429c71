"""The sitting in which a person judges items one after another, a key for each verdict.

It shows and takes keys. Where items come from and what a verdict does is its pile's to say.
"""

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from rich.text import Text

from cli.base.session import Session
from cli.terminal import pager as pagers
from cli.terminal.cards import body_of, foot_of, title_of
from cli.terminal.explained import Explainer
from cli.terminal.keys import ENTER, SPACE, WOKEN, Keyboard
from cli.terminal.piles import Pile, Said, Stop
from cli.terminal.screens import Frame, View, view_of
from cultivar.core.errors import NotPermitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cultivar.core.review.excerpts import Word
    from cultivar.operations.review.cards import Card

AHEAD = 3
QUIT, UNDO, OPEN, HELP, BACK = "q", "u", "o", "?", "b"
SCROLLS = {SPACE: 1, "pgdn": 1, "b": -1, "pgup": -1}
LINES = {"down": 1, "up": -1}
ENDS = {"home": -(10**9), "end": 10**9}
COMMON_HELP = (
    "u        take back the last answer, as often as you like",
    "o        open the whole document in your pager; that you opened it is recorded",
    "space b  scroll the text; the arrow keys scroll by a line",
    "?        this page",
    "q        leave; Ctrl-C leaves at once. Nothing that you said is lost",
)


class Reviewer:
    """One sitting over a pile."""

    def __init__(self, session: Session, pile: Pile) -> None:
        self.session = session
        self.pile = pile
        self.given = 0
        self._waiting: list[Card] = []
        self._said: list[Said] = []
        self._note = ""
        self._top = 0
        self._over = False
        # the last body drawn, so that a frame that only scrolls is not laid out again
        self._laid: tuple[tuple[str, int], Text] | None = None

    def run(self) -> int:
        """Judge until the person leaves or nothing is left; return the number of answers."""
        with ExitStack() as open_:
            self._keyboard = open_.enter_context(Keyboard())
            self._view: View = open_.enter_context(view_of(self.session))
            self._keyboard.on_stop, self._keyboard.on_return = self._view.leave, self._view.enter
            self._explainer = open_.enter_context(Explainer(self.session, self._keyboard.wake))
            self._sit()
        return self.given

    def working(self, what: str) -> AbstractContextManager[object]:
        """Show for the length of a block that something goes on."""
        return self._view.working(what)

    @property
    def pages(self) -> bool:
        """Whether a page shows until a key is pressed; else all is one stream of lines."""
        return self._view.live

    def note(self, sentence: str) -> None:
        """Say a sentence with the next frame."""
        self._note = sentence

    def _sit(self) -> None:
        while not self._over:
            self._waiting = self._waiting or self.pile.more(self)
            stop = self.pile.stop(len(self._waiting))
            if stop is not None:
                if not self._pass(stop):
                    return
            elif not self._waiting or not self._one(self._waiting[0]):
                return

    def _pass(self, stop: Stop | None) -> bool:
        """Let the person decide at a stop, and at what follows from it; False when they leave."""
        while stop is not None:
            key = self.ask(stop.lines, _choices(stop), (ENTER, UNDO, QUIT) if stop.undo else _GO)
            if key == UNDO:
                self._undo()
                return True
            if key != ENTER:
                return False
            stop = self.pile.go_on(self)
        return True

    def ask(self, lines: "Sequence[str]", keys: str, allowed: "Sequence[str]") -> str:
        """Show a page until one of the keys is pressed; return it. The end of input is ``q``."""
        body, top = Text("\n".join(lines)), 0
        while True:
            heading = self.pile.heading(len(self._waiting))
            top = self._view.show(Frame(heading, "", body, (Text(keys, "bold"),), self._note), top)
            key = self._keyboard.read()
            if key is None:
                return QUIT
            if key in allowed:
                self._note = ""
                return key
            top = self._scrolled(key, top, f"{key} does nothing here.")

    def _one(self, card: "Card") -> bool:
        """Take keys until the item has its answer; False when the person leaves."""
        self._top = 0
        while True:
            self._draw(card)
            key = self._keyboard.read()
            if key is None or key == QUIT:
                return self._leave(ended=key is None)
            if key in self.pile.answers:
                self._answer(card, self.pile.answers[key].verdict)
                return True
            if key == UNDO:
                if self._undo():
                    return True
            else:
                self._other(card, key)

    def _draw(self, card: "Card") -> None:
        self._explainer.prepare(self._waiting[:AHEAD])
        words = self._explainer.words_of(card, wait=not self._view.live)
        heading = self.pile.heading(len(self._waiting))
        title, foot = title_of(card, self._view.columns), foot_of(card, _keys(self.pile))
        frame = Frame(heading, title, self._body(card, words), foot, self._note)
        self._top = self._view.show(frame, self._top)

    def _body(self, card: "Card", words: "Sequence[Word]") -> "Text":
        which = (card.item_id, len(words))
        if self._laid is None or self._laid[0] != which:
            self._laid = (which, body_of(card, words, plain=not self._view.live))
        return self._laid[1]

    def _answer(self, card: "Card", verdict: str | None) -> None:
        self.pile.judge(card, verdict)
        self.given += 1
        self._note = ""
        self._said.append(Said(self._waiting.pop(0), verdict))

    def _undo(self) -> bool:
        """Take back the last answer, and ask for it again; say so where there is none."""
        self.given -= 1 if self._said else 0
        said = self._said.pop() if self._said else self.pile.earlier()
        if said is None:
            self._note = "There is nothing here that can be taken back."
            return False
        self.pile.take_back(said)
        self._waiting.insert(0, said.card)
        self._note = f'Taken back: "{said.verdict or "skipped"}". What is it?'
        return True

    def end(self) -> None:
        """End the sitting after what goes on at this moment."""
        self._over = True

    def closed(self) -> None:
        """Nothing said so far can be taken back any more."""
        self._said.clear()

    def _leave(self, *, ended: bool) -> bool:
        """Let the person decide what becomes of what is unsent; True when they stay after all."""
        stop = None if ended else self.pile.leaving()
        if stop is None:
            return False
        key = self.ask(stop.lines, f"{_choices(stop)} · {BACK} goes back", (ENTER, QUIT, BACK))
        if key == ENTER:
            self.pile.go_on(self)
        return key == BACK

    def _other(self, card: "Card", key: str) -> None:
        """Answer a key that is no verdict."""
        if key == HELP:
            self._help()
        elif key == OPEN:
            self._open(card)
        elif key in self.pile.aside:
            self._note = self.pile.suggest(self, card)
        else:
            self._top = self._scrolled(
                key, self._top, f"{key} does nothing here; ? shows the keys."
            )

    def _scrolled(self, key: str, top: int, else_: str) -> int:
        """Return where the text begins after a key; another key is answered in the note."""
        if key == WOKEN:
            return top
        self._note = ""
        if key in SCROLLS:
            return top + SCROLLS[key] * max(1, self._view.page - 1)
        if key in LINES or key in ENDS:
            return top + (LINES | ENDS)[key]
        self._note = else_
        return top

    def _help(self) -> None:
        lines = [f"{key:<9}{each.long}" for key, each in self.pile.answers.items()]
        lines += [f"{key:<9}{words}" for key, words in self.pile.aside.items()]
        self._note = ""
        if self._view.live:
            self.ask((*lines, *COMMON_HELP), "Enter goes back.", (ENTER, HELP, QUIT, "esc"))
        else:
            self._note = "\n".join((*lines, *COMMON_HELP))

    def _open(self, card: "Card") -> None:
        try:
            self.pile.opened(card)
        except NotPermitted as refused:
            self._note = refused.sentence
            return
        self._note = pagers.show(self._view, self._keyboard, f"{card.title}\n\n{card.text}")


_GO = (ENTER, QUIT)


def _choices(stop: Stop) -> str:
    undo = " · u takes back the last" if stop.undo else ""
    return f"Enter {stop.enter}{undo} · q {stop.leave}"


def _keys(pile: Pile) -> str:
    """Return the line that names the keys."""
    said = [f"{key} {each.short}" for key, each in pile.answers.items()]
    said += [f"{key} {words.split()[0]}" for key, words in pile.aside.items()]
    return "  ".join([*said, "u undo", "o open", "? help", "q quit"])
