"""Draws the facts of one document: who, when, how much, under which reference.

It takes names from the shared material and never invents text.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from data.sample.document import Person
from data.sample.grammar import Draw, Fact, Grammar
from data.sample.material import load_shared
from data.sample.words import date_writers, plain_ascii

ORGANISATION = "Tarrowmere Hospitals"
DOMAIN = "tarrowmere.example"
_FIRST = datetime(2021, 2, 1, 8, tzinfo=UTC)
_DAYS = 1700
_STAFF = 70
# Of the person from outside, and of a patient, whose first name is ``first_alike``.
_PRONOUNS = (
    {"he": "he", "him": "him", "his": "his", "mr": "Mr"},
    {"he": "she", "him": "her", "his": "her", "mr": "Mrs"},
    {"he": "she", "him": "her", "his": "her", "mr": "Ms"},
)


def created_time(random: Random) -> datetime:
    """A working moment between February 2021 and September 2025 (UTC, whole seconds)."""
    day = _FIRST + timedelta(days=random.randrange(_DAYS))
    if day.weekday() > 4 and random.random() < 0.8:
        day -= timedelta(days=2)
    return day + timedelta(seconds=random.randrange(34_000))


def draw_person(grammar: Grammar, draw: Draw, domain: str, names: str = "first") -> Person:
    """An invented person with an address at a domain; ``names`` is the rule of first names."""
    first, last = grammar.expand(names, draw), grammar.expand("last", draw)
    local = plain_ascii(f"{first}.{last}".lower().replace(" ", "").replace("'", ""))
    return Person(f"{first} {last}", f"{local}@{domain}")


def draw_facts(
    grammar: Grammar, draw: Draw, created: datetime, language: str
) -> tuple[Person, Person]:
    """Fill the draw's facts and return a member of staff and somebody from outside."""
    staff = _member_of_staff(draw.random.randrange(_STAFF))
    pronouns = draw.random.choice(_PRONOUNS)
    alike = f"first_{pronouns['he']}"
    outside = draw_person(grammar, draw, grammar.expand("mail_domain", draw), alike)
    supplier = grammar.expand("company", draw)
    facts: dict[str, Fact] = {
        "org": ORGANISATION,
        "supplier": supplier,
        "supplier_word": supplier.split()[0],
        "year": str(created.year),
        "last_year": str(created.year - 1),
        "next_year": str(created.year + 1),
        **pronouns,
        "first_alike": grammar.expand(alike, draw),
        **_named("staff", staff),
        **_named("outside", outside),
        **date_writers(created, language),
    }
    draw.facts.update(facts)
    return staff, outside


@cache
def _member_of_staff(number: int) -> Person:
    """One of the people who work here; they are the same whatever the seed."""
    return draw_person(load_shared(), Draw(Random(f"staff/{number}"), {}), DOMAIN)


def _named(role: str, person: Person) -> dict[str, Fact]:
    first, last = person.name.split(" ", 1)
    return {
        role: person.name,
        f"{role}_first": first,
        f"{role}_last": last,
        f"{role}_mail": person.address,
    }
