"""One run of the command line: who acts, on which workspace, and how it answers.

It opens the workspace when a command first needs it; it decides nothing about classifiers.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cli.terminal.paper import Paper
from cli.terminal.texts import printable, strong
from cultivar import operations
from cultivar.core.errors import CultivarError, NotFound, NotReady
from cultivar.core.roles import Action, grant_command, offered_role
from cultivar.core.serialisation import as_json
from cultivar.settings import Settings, read_settings, system_account
from cultivar.store.homes import open_secrets

if TYPE_CHECKING:
    from cultivar.operations.tenant import Claimant
    from cultivar.store.workspace import Workspace

# Lines that a script reads are not broken.
WIDTH_OF_A_PIPE = 1_000
Show = Callable[["Console"], None]


@dataclass
class Session:
    """What every command is handed."""

    json: bool = False
    arguments: tuple[str, ...] = ()
    _open: list["Workspace"] = field(default_factory=list)

    @cached_property
    def settings(self) -> "Settings":
        """The active settings; a secret that other accounts may read is warned of."""
        found = read_settings()
        warning = open_secrets(found.home)
        if warning:
            self.tell(warning)
        return found

    @property
    def actor(self) -> str:
        """Who acts, by name.

        Raises:
            NotPermitted: code ``unbound-claim``.
        """
        return self.claimant.person

    @property
    def actor_id(self) -> str:
        """The id of who acts: what is handed to a flow, as Prefect keeps it."""
        return operations.tenant.actor_id(self.workspace, self.actor)

    @cached_property
    def claimant(self) -> "Claimant":
        """Who acts, and whether the account of the system proves it.

        Raises:
            NotPermitted: code ``unbound-claim``.
        """
        account = system_account()
        try:
            workspace = self.workspace
        except NotReady:
            return operations.tenant.Claimant(self.settings.user, account, bound=False)
        return operations.tenant.who_acts(workspace, self.settings.user, account)

    def who(self) -> str:
        """Say who acts, and what proves it."""
        you = self.claimant
        if you.bound:
            return f"You are {you.person}: the account {you.account} is bound to them."
        return (
            f"You act as {you.person}, which nothing proves: no account is bound that says so. "
            f"`cultivar person bind {you.person} {you.account or 'ACCOUNT'}` binds yours."
        )

    @cached_property
    def workspace(self) -> "Workspace":
        """The workspace that was set up.

        Raises:
            NotReady: code ``not-set-up``; there is none in the home.
        """
        found = self.existing_workspace()
        if found is None:
            raise NotReady(
                "not-set-up",
                f"Nothing is set up in {self.settings.home} yet. `cultivar location add`, "
                "`cultivar opt-in` or `cultivar project import` begins; `cultivar demo` shows it "
                "all.",
            )
        return found

    def set_up(self) -> None:
        """Make the workspace where there is none; its first person gets the founding roles."""
        opened = _open(self.settings)
        self._open.append(opened)
        user, account = self.settings.user, system_account()
        own = account if user == account else None
        if operations.tenant.bootstrap(opened, user, account=own):
            self.tell(f"Set up in {self.settings.home}; {user} administers it.")
            for kind, action in (
                ("retention", Action.USE_IN_RETENTION),
                ("communication", Action.USE_IN_COMMUNICATION),
            ):
                command = grant_command(user, offered_role(action))
                self.tell(f"To write {kind} policies: `{command}`.")

    def existing_workspace(self) -> "Workspace | None":
        """Return the workspace, or None where nothing was set up; makes nothing."""
        try:
            opened = _open(self.settings, create=False)
        except NotFound:
            return None
        self._open.append(opened)
        return opened

    def close(self) -> None:
        """Give back what was opened."""
        for opened in self._open:
            opened.close()

    @cached_property
    def console(self) -> "Console":
        """Standard output for a person."""
        width = None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
        return Paper(highlight=False, width=width)

    def tell(self, line: str) -> None:
        """Say on standard error what goes on; scripts hear nothing."""
        if not self.json:
            print(printable(line), file=sys.stderr, flush=True)

    def answer(self, data: object, show: Show, then: str | None = None) -> None:
        """Answer: one JSON object for scripts, or what ``show`` prints and the next step.

        ``data`` is a read model, or a mapping that holds some.
        """
        if self.json:
            write_json(as_json(data) | ({"next": then} if then else {}))
            return
        show(self.console)
        if then:
            # not broken over lines, so that it can be pasted
            self.console.print(f"Next: {strong(then)}", soft_wrap=True)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return not self.json and sys.stdin.isatty() and sys.stdout.isatty()

    @contextmanager
    def working(self, what: str) -> Iterator[Callable[[str], None]]:
        """Show that something goes on; yields what takes a newer account of it."""
        if not self.shows_progress:
            self.tell(f"{what} ...")
            yield _silent
            return

        with Console(stderr=True).status(f"{what} ...") as status:
            yield lambda account: status.update(f"{account} ...")

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches."""
        return not self.json and sys.stderr.isatty()

    @staticmethod
    def known_classifiers() -> list[str]:
        """Return classifier ids for completion, as names may hold spaces."""
        return Session._names(
            lambda workspace, actor: [
                each.id for each in operations.classifiers.list_classifiers(workspace, actor)
            ]
        )

    @staticmethod
    def known_locations() -> list[str]:
        """Return location names for completion."""
        return Session._names(
            lambda workspace, _: [each.name for each in operations.content.locations(workspace)]
        )

    @staticmethod
    def _names(read: Callable[["Workspace", str], list[str]]) -> list[str]:
        """Return what a person may read; nothing where that fails."""
        session = Session(json=True)
        try:
            workspace = session.existing_workspace()
            return read(workspace, session.actor) if workspace else []
        except CultivarError:
            return []
        finally:
            session.close()


def write_json(data: Any) -> None:
    """Write one JSON object to standard output."""
    print(json_text(data, indent=2), flush=True)


def json_text(data: Any, indent: int | None = None) -> str:
    """Return JSON for standard output, in ASCII where that takes no other characters whole.

    Times are written with a space between date and time.
    """
    return json.dumps(as_json(data), ensure_ascii=not takes_all(), indent=indent)


def takes_all() -> bool:
    """Tell whether standard output takes every character."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").startswith("utf")


def counted(what: str, done: int, total: int | None) -> str:
    """Return an account of what is done, of how many where that is known."""
    of = f" of {total:,}" if total else ""
    return f"{what}: {done:,}{of}"


def _silent(_account: str) -> None:
    """Take no notice."""


def wants_json(arguments: list[str]) -> bool:
    """Tell from raw arguments whether errors are to be JSON, as parsing may be what fails."""
    return "--json" in arguments or bool(os.environ.get("CULTIVAR_JSON"))


def _open(settings: Settings, *, create: bool = True) -> "Workspace":
    from cultivar.store.workspace import open_workspace  # SQLAlchemy is slow to import

    return open_workspace(settings, create=create)
