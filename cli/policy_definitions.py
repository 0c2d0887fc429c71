"""A policy's definition from options: simple conditions as options, any other as JSON.

It puts together what was typed; whether that is a policy is the core's to say.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.base.help import known_classifiers
from cultivar.core.errors import InvalidInput
from cultivar.core.figures import share_said
from cultivar.core.strict_json import parsed
from cultivar.core.vocabulary import MATCH

F = TypeVar("F", bound=Callable[..., Any])
KINDS = {
    "sensitivity": "sensitivity label",
    "retention": "retention label",
    "communication": "communication compliance",
}
_SIMPLE = ("classifier", "locations", "workloads", "folder", "file_types")
AFTERWARDS = ("delete", "review before deletion", "keep without a label")

# The option that stands for a part of a definition.
_OPTION_OF = {
    "$.name": "NAME",
    "$.condition": "--classifier",
    "$.action": "--label",
    "$.action.label": "--label",
    "$.action.retain_days": "--retain-days",
    "$.action.afterwards": "--then",
    "$.action.queue": "--queue",
    "$.priority": "--priority",
}

_OPTIONS = (
    click.option(
        "--classifier", metavar="ID", shell_complete=known_classifiers,
        help="Ask this classifier for a match.",
    ),
    click.option(
        "--at-least", metavar="CONFIDENCE",
        help="How sure that classifier must be: match (what holds without this option), close "
        "match, an operating point (find-most, balanced, be-sure), or a probability, such as 80%; "
        "`cultivar operating-point ID` shows what each means.",
    ),
    click.option("--location", "locations", multiple=True, help="Only there; may be repeated."),
    click.option("--workload", "workloads", multiple=True, help="Only there, such as exchange."),
    click.option("--folder", help="Only in this folder and below."),
    click.option("--file-type", "file_types", multiple=True, help="Only these, such as pdf."),
    click.option(
        "--condition", "condition", metavar="JSON",
        help="The whole condition as JSON, or @FILE; with and, or, not, size, created, modified.",
    ),
    click.option("--label", help="The label; for communication the flag."),
    click.option("--retain-days", type=int, help="Retention: days to keep the item."),
    click.option(
        "--then", "afterwards", type=click.Choice(AFTERWARDS),
        help="Retention: what follows the last day.",
    ),
    click.option("--queue", help="Communication: who looks at what was found."),
    click.option("--priority", type=int, help="Among policies of one kind, 1 comes first."),
    click.option(
        "--writer", "writers", multiple=True, metavar="WRITER",
        help="Also write the label to the content's own store: attributes, tags, graph, webhook; "
        "'none' switches writing off. Nothing is written unless asked for.",
    ),
)  # fmt: skip


def definition_options(function: F) -> F:
    """Add the options that make up a definition."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def definition_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a definition that were given.

    Raises:
        InvalidInput: codes ``bad-json``, ``repeated-key``.
    """
    parts: dict[str, Any] = {}
    condition = _condition(options)
    if condition is not None:
        parts["condition"] = condition
    names = ("label", "retain_days", "afterwards", "queue")
    action = {name: options[name] for name in names if options[name] is not None}
    if action:
        parts["action"] = action
    if options["priority"] is not None:
        parts["priority"] = options["priority"]
    return parts


@contextmanager
def told_in_options(options: Mapping[str, Any]) -> Iterator[None]:
    """Name the option that is wrong, where the core names a part of the definition."""
    try:
        yield
    except InvalidInput as refused:
        option = _OPTION_OF.get(str(refused.facts.get("path")))
        if options["condition"] is None:
            # which part of a condition it was, only those see who wrote it as JSON
            named = [f"--{name}" for name in ("classifier", "location") if name in refused.facts]
            option = named[0] if named else option
            if option == "--classifier" and refused.code == "bad-value" and options["at_least"]:
                option = "--at-least"
        if option is None:
            raise
        what = refused.sentence.partition(": ")[2]
        raise InvalidInput(refused.code, f"{option}: {what}", refused.facts) from None


def writers_of(options: Mapping[str, Any]) -> list[str] | None:
    """Return the writers that were named, none of them for ``none``; None if nothing was said."""
    named = [name for name in options["writers"] if name != "none"]
    return named if options["writers"] else None


def _condition(options: Mapping[str, Any]) -> dict[str, Any] | None:
    if options["condition"] is not None:
        if options["at_least"] is not None or any(options[name] for name in _SIMPLE):
            raise click.UsageError("--condition is the whole condition; write all of it there.")
        return _json(options["condition"])
    if options["at_least"] is not None and not options["classifier"]:
        raise click.UsageError(
            "--at-least says how sure a classifier must be, and none is named: add --classifier ID "
            "(a condition is given whole)."
        )
    parts: list[dict[str, Any]] = []
    if options["classifier"]:
        at_least = _confidence(options["at_least"] or MATCH)
        parts.append({"classifier": options["classifier"], "at_least": at_least})
    lists = (("locations", "location"), ("workloads", "workload"), ("file_types", "file_type"))
    parts += [{key: list(options[name])} for name, key in lists if options[name]]
    if options["folder"]:
        parts.append({"folder": options["folder"]})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"and": parts}


def _confidence(text: str) -> str | float:
    found = share_said(text)
    return text if found is None else found


def _json(text: str) -> dict[str, Any]:
    try:
        stated = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        found = parsed(stated)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            "bad-json",
            f"--condition is not JSON that can be read: {type(error).__name__}. "
            "`cultivar policy create --help` shows an example.",
        ) from error
    if not isinstance(found, dict):
        raise InvalidInput(
            "bad-json",
            '--condition is not a JSON object, such as {"classifier": "contracts"}.',
        )
    return found
