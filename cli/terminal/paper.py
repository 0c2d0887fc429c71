"""What a person's output is printed on: a console that takes nothing for markup.

Whatever users name is shown letter by letter; emphasis is ``strong``, and nothing else is.
"""

import re
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.text import Text

from cli.terminal.texts import BEGIN_STRONG, END_STRONG
from cultivar.core.texts.safe_text import printable

_STRONG = re.compile(f"{BEGIN_STRONG}(.*?){END_STRONG}", re.DOTALL)


class Paper(Console):
    """A console on which each string, in a line or in a table, is shown as it is."""

    def render_str(self, text: str, **how: Any) -> Text:
        """Return a string without markup: emphasis where it is marked, no control character."""
        shown = Text(justify=how.get("justify"), overflow=how.get("overflow"))
        at = 0
        for found in _STRONG.finditer(text):
            shown.append(printable(text[at : found.start()]))
            shown.append(printable(found[1]), Style(bold=True))
            at = found.end()
        shown.append(printable(text[at:]))
        if how.get("style"):
            shown.style = how["style"]
        return shown
