"""Text of Macs before OS X and of DOS, which guesses take for that of Windows. Pure."""

import re
import unicodedata

_CODECS = ("mac_roman", "cp850")
# Shares of strange signs from which on a reading is wrong, and up to which another one is right.
_WRONG, _RIGHT = 0.3, 0.05
_OUTSIDE_ASCII = re.compile("[^\x00-\x7f]")
_NOT_BEHIND_LETTERS = frozenset("\u2021\u2020\u00a1\u00bf\u00a7\u00a4\u00a3")
_OTHER_SCRIPTS = "\u0370"
_APOSTROPHE = "\u2019"
_OF_NO_TEXT = frozenset({"Cc", "Co", "Cn", "Lm", "So", "Sm", "Sk"})
_OF_TEXT = frozenset("\u00b0\u00a9\u00ae\u2122\u00b1\u00d7")
_PROPER = frozenset({"Lu", "Ll", "Lt", "Lo", "Mn", "Mc"})

_NEXT_LINE = 0x85
_SHOWN_CONTROLS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)} | {
    _NEXT_LINE: "\n"
}


def of_older_machines(data: bytes, guessed: str) -> str | None:
    """Return what the bytes say in a charset of older machines, where the guess makes no words."""
    bytes_outside = sum(each > 0x7F for each in data)
    if not bytes_outside or any(each.isalpha() and each >= _OTHER_SCRIPTS for each in guessed):
        return None
    if _strange(guessed, bytes_outside) < _WRONG * bytes_outside:
        return None
    for codec in _CODECS:
        text = data.decode(codec)
        if _strange(text, bytes_outside) <= _RIGHT * bytes_outside:
            return text
    return None


def _strange(text: str, bytes_outside: int) -> int:
    """Count the signs that no word has where they stand, and those that the reading left out."""
    found = list(_OUTSIDE_ASCII.finditer(text))
    strange = sum(_is_strange(text, sign.start()) for sign in found)
    return strange + max(0, bytes_outside - len(found))


def _is_strange(text: str, at: int) -> bool:
    sign, before, behind = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    kind = unicodedata.category(sign)
    if kind in _PROPER:
        return kind == "Lu" and before.islower()
    if kind in _OF_NO_TEXT and sign not in _OF_TEXT:
        return True
    if sign == _APOSTROPHE:
        return False
    return before.isalpha() and (behind.isalpha() or sign in _NOT_BEHIND_LETTERS)


def of_mainframes(data: bytes) -> str:
    """Return EBCDIC in characters; what would be a control sign is the sign that Windows has."""
    return data.decode("cp500").translate(_SHOWN_CONTROLS)
