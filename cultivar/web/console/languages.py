"""The console's languages: which one a request wants, its words, and its ways to write figures.

Catalogues are read from their sources when first wanted, so that no made file can be behind them.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from fastapi import Request

LOCALES = Path(__file__).parent / "locale"
# by its code, how it calls itself
KNOWN = {"en": "English", "de": "Deutsch"}
DEFAULT = "en"
# as every other sentence of Cultivar writes a percentage, not broken over lines
_THIN = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its words and its ways to write numbers and moments."""

    code: str

    @property
    def name(self) -> str:
        """How the language calls itself."""
        return KNOWN[self.code]

    @property
    def words(self) -> NullTranslations:
        """The catalogue."""
        return catalogue(self.code)

    def number(self, value: float) -> str:
        """Return a whole number or a share as the language writes numbers."""
        return format_decimal(value, locale=self.code)

    def percent(self, share: float) -> str:
        """Return a share from 0 to 1 in per cent; only a whole is 100 %, and only nothing 0 %."""
        rounded = round(100 * share)
        if share < 1:
            rounded = min(rounded, 99)
        if share > 0:
            rounded = max(rounded, 1)
        return f"{rounded}{_THIN}%"

    def assured(self, share: float) -> str:
        """Return a lower bound in per cent, rounded down, so that it says no more than is known."""
        return f"{int(100 * share + 1e-9)}{_THIN}%"

    def moment(self, at: datetime) -> str:
        """Return a moment (UTC) as the language writes one."""
        return f"{format_datetime(at, 'medium', locale=self.code)} UTC"

    @property
    def direction(self) -> str:
        """Which way lines run."""
        return "rtl" if Locale.parse(self.code).text_direction == "rtl" else "ltr"


@cache
def catalogue(code: str) -> NullTranslations:
    """Return a language's words; English stands in the pages themselves."""
    source = LOCALES / code / "LC_MESSAGES" / "console.po"
    if not source.exists():
        return NullTranslations()
    made = io.BytesIO()
    with source.open("rb") as stream:
        write_mo(made, read_po(stream, locale=code))
    made.seek(0)
    return GNUTranslations(made)


def language_of(request: Request) -> Language:
    """Return the language that the browser was told to keep, else the first that it asks for."""
    kept = request.cookies.get("cultivar-language", "")
    if kept in KNOWN:
        return Language(kept)
    asked = request.headers.get("accept-language", "").split(",")
    wanted = [each.partition(";")[0].strip().lower().partition("-")[0] for each in asked]
    return Language(next((each for each in wanted if each in KNOWN), DEFAULT))
