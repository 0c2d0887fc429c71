"""Everything that can be looked at without an orchestrator, in one order; nothing is changed.

A look that comes to nothing is a finding itself, so that the others are told.
"""

from collections.abc import Callable, Iterator

from cultivar.operations.health import machine, registry
from cultivar.operations.health.findings import Finding, fault
from cultivar.settings import Settings

LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    machine.space, machine.modes, machine.secrets, machine.file_system, machine.versions,
    machine.programs, registry.kept,
)  # fmt: skip


def examined(settings: Settings) -> list[Finding]:
    """Return what is found of an installation."""
    found: list[Finding] = []
    for look in LOOKS:
        try:
            found += look(settings)
        except OSError as error:
            what = look.__name__.replace("_", " ")
            told = f"It could not be looked at: {error.strerror or type(error).__name__}."
            found.append(fault(what, "not-looked-at", told))
    return found
