"""Cells of CSV files that people open in a spreadsheet: no text of others becomes a formula there.

See OWASP, "CSV Injection". What was made harmless is read back as it was.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_QUOTE = "'"


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe comes before it."""
    return f"{_QUOTE}{text}" if _is_formula(text) else text


def told_by(text: str) -> str:
    """Return what a cell said before it was made harmless."""
    rest = text.removeprefix(_QUOTE)
    return rest if _is_formula(rest) else text


def _is_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(_FORMULA)
