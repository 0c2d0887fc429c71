"""Which language a text is in.

Deterministic and offline; it never sees more than the text's beginning.
"""

UNDETERMINED = "und"
_LETTERS_AT_LEAST = 20
_CHARACTERS_SEEN = 400


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, ``und`` where it has under 20 letters."""
    seen = text[:_CHARACTERS_SEEN]
    if sum(map(str.isalpha, seen)) < _LETTERS_AT_LEAST:
        return UNDETERMINED
    import py3langid  # noqa: PLC0415 - its model takes half a second to load

    return str(py3langid.classify(seen)[0])
