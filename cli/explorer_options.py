"""The options of the explorer's commands: what to show, and which page of it.

What a filter means is the store's to say.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.base.help import known_classifiers, known_locations
from cultivar import operations
from cultivar.core.figures import share_said

if TYPE_CHECKING:
    from cultivar.operations.content.explorer import Filters

F = TypeVar("F", bound=Callable[..., Any])
_DAY = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"))


class _Share(click.ParamType["float"]):
    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = share_said(str(value))
        if found is None or not 0 <= found <= 1:
            self.fail(f"{value!r} is not a share from 0 to 1. Write 0.8 or 80%.", param, ctx)
        return found


_FILTERS = (
    click.option(
        "--classifier", shell_complete=known_classifiers, help="Listed by this classifier."
    ),
    click.option("--match", "prediction", flag_value="match", default=None, help="Only matches."),
    click.option(
        "--close-match", "prediction", flag_value="close match", help="Only close matches."
    ),
    click.option("--workload", help="exchange, sharepoint, onedrive, teams or files."),
    click.option("--location", shell_complete=known_locations, help="Of this location."),
    click.option("--folder", help="In this folder and below."),
    click.option("--name", help="Only files whose name contains this, ignoring case."),
    click.option("--type", "kind", help="A media type or an extension, such as pdf."),
    click.option("--label", help="With this label."),
    click.option("--labelled/--not-labelled", default=None, help="With any label, or with none."),
    click.option("--score-from", type=_Share(), help="Of this probability or more (0.8 or 80%)."),
    click.option("--score-to", type=_Share(), help="Of this probability or less."),
    click.option("--since", type=_DAY, help="Last changed then (UTC) or later."),
    click.option("--until", type=_DAY, help="Last changed before then."),
)


def filter_options(function: F) -> F:
    """Add the filters."""
    for option in reversed(_FILTERS):
        function = option(function)
    return function


def filters_of(options: Mapping[str, Any]) -> "Filters":
    """Return the filters that were given."""
    given = {name: value for name, value in options.items() if name != "kind"}
    moments = {name: _utc(given[name]) for name in ("since", "until")}
    return operations.content.Filters(**given | moments | {"type": options["kind"]})


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None else None


_PAGES = (
    click.option("--page", type=click.IntRange(min=1), default=1, help="Show this page."),
    click.option(
        "--after", metavar="CURSOR", help="For scripts: go on behind `after` of the page before."
    ),
)


def page_options(function: F) -> F:
    """Add the page, by number or behind a cursor."""
    for option in reversed(_PAGES):
        function = option(function)
    return function
