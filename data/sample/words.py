"""Writes dates, sums and spelling mistakes the way people do.

It is independent of locale and platform, and holds no document material.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from random import Random

from data.sample.grammar import Fact

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
}
_MINUTES = ("00", "10", "15", "20", "30", "40", "45", "50")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def plain_ascii(text: str) -> str:
    """The text without accents, for addresses."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def file_name(text: str) -> str:
    """A path in small ASCII letters, with hyphens for whatever file systems may not like."""
    return re.sub(r"[^a-z0-9/._-]+", "-", plain_ascii(text.lower())).strip("-")


def month_name(moment: datetime, language: str = "en") -> str:
    """Name of the month in a language, English where the language is not known."""
    return _MONTHS.get(language, _MONTHS["en"]).split()[moment.month - 1]


def long_date(moment: datetime, language: str) -> str:
    """A date in words: ``3 May 2023``, ``3. Mai 2023``, ``3 de mayo de 2023``."""
    month = month_name(moment, language)
    if language == "de":
        return f"{moment.day}. {month} {moment.year}"
    if language == "es":
        return f"{moment.day} de {month} de {moment.year}"
    return f"{moment.day} {month} {moment.year}"


def written_date(moment: datetime, random: Random) -> str:
    """An English date in one of the ways in which people write it."""
    month = month_name(moment)
    return random.choice(
        (
            long_date(moment, "en"),
            f"{moment.day} {month}",
            f"{_DAYS[moment.weekday()]} {moment.day} {month}",
            f"{moment:%d/%m/%Y}",
            f"the {ordinal(moment.day)} of {month}",
            f"{moment.day} {month[:3]} {moment:%y}",
        )
    )


def ordinal(number: int) -> str:
    """``1st``, ``22nd``, ``13th``."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def date_writers(created: datetime, language: str) -> dict[str, Fact]:
    """Facts that write dates relative to a document's own (English ones vary in form)."""

    def around(low: int, high: int) -> Fact:
        def write(random: Random) -> str:
            moment = created + timedelta(days=random.randint(low, high))
            return written_date(moment, random) if language == "en" else long_date(moment, language)

        return write

    return {
        "date": long_date(created, language),
        "short_date": f"{created:%d.%m.%Y}" if language == "de" else f"{created:%d/%m/%Y}",
        "iso_date": f"{created:%Y-%m-%d}",
        "month": month_name(created, language),
        "weekday": lambda random: random.choice(_DAYS[:5]),
        "clock": lambda random: f"{random.randint(7, 19)}:{random.choice(_MINUTES)}",
        "recent": around(-24, -1),
        "earlier": around(-200, -25),
        "long_ago": around(-1500, -300),
        "soon": around(3, 30),
        "later": around(31, 300),
        "far": around(365, 1500),
    }


_KEYS = "qwertyuiopasdfghjklzxcvbnm"


def hasty(text: str, random: Random) -> str:
    """The text as somebody types it in a hurry: slips, lost apostrophes, lower case."""
    words = text.split(" ")
    for at, word in enumerate(words):
        chance = random.random()
        if chance < 0.012 and len(word) > 4 and word.isalpha():
            cut = random.randrange(1, len(word) - 2)
            words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
        elif chance < 0.02 and len(word) > 5 and word.isalpha():
            cut = random.randrange(2, len(word) - 1)
            words[at] = word[:cut] + word[cut + 1 :]
    typed = " ".join(words)
    if random.random() < 0.5:
        typed = typed.replace("'", "")
    return _lower_case(typed) if random.random() < 0.25 else typed


def _lower_case(text: str) -> str:
    """Lower case, except for the title line, which a mail programme would have kept."""
    return "\n".join(
        line if line.startswith(("!", "#", "|")) else line.lower() for line in text.split("\n")
    )
