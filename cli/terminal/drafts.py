"""Verdicts that a person has given and not sent yet, kept in the home between sittings.

It keeps ids and verdicts, never a text; nothing in it counts before it is sent.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cli.base.files import written_aside
from cli.base.session import Session
from cultivar.core.retraining.feedback import VERDICTS

FOLDER = "drafts"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A verdict to be sent, and the other classifiers that are to judge the item, too."""

    verdict: str
    suggested: tuple[str, ...] = ()


class Draft:
    """The unsent verdicts of one person on one classifier's items, in the order given."""

    def __init__(self, session: Session, classifier: str) -> None:
        # a person's name may hold what a file's name may not
        person = sha256(session.actor.encode()).hexdigest()[:16]
        self._file = session.settings.home / FOLDER / f"{classifier}-{person}.json"
        self.verdicts = _read(self._file)

    def give(self, item_id: str, verdict: Drafted) -> None:
        """Keep a verdict; it goes to the end."""
        self.verdicts.pop(item_id, None)
        self.verdicts[item_id] = verdict
        self._write()

    def take_back(self, item_id: str) -> Drafted | None:
        """Take a verdict back and return it, if there is one."""
        found = self.verdicts.pop(item_id, None)
        self._write()
        return found

    def keep_only(self, items: set[str]) -> int:
        """Drop verdicts on other items; return how many those were."""
        gone = [item for item in self.verdicts if item not in items]
        for item in gone:
            del self.verdicts[item]
        if gone:
            self._write()
        return len(gone)

    def clear(self) -> None:
        """Forget what was sent."""
        self.verdicts.clear()
        self._write()

    def _write(self) -> None:
        if not self.verdicts:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {item: [each.verdict, *each.suggested] for item, each in self.verdicts.items()}
        with written_aside(self._file) as file:
            json.dump(kept, file)


def _read(file: Path) -> dict[str, Drafted]:
    """Return what was kept; what is no draft of ours holds nothing that can be sent."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        found = {item: Drafted(said[0], tuple(said[1:])) for item, said in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return {}
    return {item: each for item, each in found.items() if each.verdict in VERDICTS}
