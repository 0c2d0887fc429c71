"""The English words that hold a sentence together and tell nothing about its subject.

They count in every score; only what is shown of an explanation leaves them out.
"""

_LISTED = """
a about above after again against all also am an and any are as at
be because been before being below between both but by
can could did do does doing done down during each either else ever every few for from further
had has have having he her here hers herself him himself his how however
i if in into is it its itself just let may me might more most must my myself
neither no nor not of off on once one only onto or other ought our ours ourselves out over own
per rather same shall she should so some such
than that the their theirs them themselves then there these they this those though through thus to
too under until up upon us very was we were what when where whether which while who whom whose why
will with within without would yet you your yours yourself yourselves
behalf made make makes
"""
_WORDS = frozenset(_LISTED.split())


def is_function_word(word: str) -> bool:
    """Tell whether a word, whatever its case, is a function word; a bare number is none."""
    return word.casefold() in _WORDS
