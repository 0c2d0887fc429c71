"""Characters that a format writes with other signs: JSON, XML entities, rich text.

Undone where the parsing library leaves them as they are, or out. Pure.
"""

import html
import re

_JSON = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<unit>[0-9a-fA-F]{4})|(?P<sign>[\"\\/bfnrt]))"
)
_SIGNS = {"b": " ", "f": "\n", "n": "\n", "r": "\n", "t": "\t"}

_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]+)\s+(?:"([^"<]{0,1000})"|'([^'<]{0,1000})')\s*>""")
_VERBATIM = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_MOST_GROWTH = 1_000_000

_PAIR = re.compile(rb"\\u(-?\d{4,5})(?: ?\?| ?\\'3f| )?\\u(-?\d{4,5})", re.I)
_MAC = re.compile(rb"\A\s*\{\\rtf1?\s*\\mac\b")
_CODED = re.compile(rb"\\'([0-9a-fA-F]{2})")
_JOHAB = re.compile(rb"\A\s*\{\\rtf1?\b[^{}]{0,200}\\ansicpg1361\b")
_PAIR_OF_JOHAB = re.compile(
    rb"\\'(?P<lead>[89a-fA-F][0-9a-fA-F])(?:\\'(?P<coded>[0-9a-fA-F]{2})|(?P<plain>[1-\[\]-z|~]))"
)
_LAST_SIGNED = 0x7FFF
_FIRST_PRIVATE, _LAST_PRIVATE = 0xE000, 0xF8FF


def json_unescaped(text: str) -> str:
    """Return JSON as it reads: letters in place of their numbers, lines in place of ``\\n``."""
    return _JSON.sub(_json_character, text) if "\\" in text else text


def _json_character(found: re.Match[str]) -> str:
    if sign := found["sign"]:
        return _SIGNS.get(sign, sign)
    if unit := found["unit"]:
        return chr(int(unit, 16)) if not 0xD800 <= int(unit, 16) <= 0xDFFF else "\ufffd"
    high, low = int(found["high"], 16), int(found["low"], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def xml_plain(text: str) -> str:
    """Return XML without entities of its own and without verbatim sections, which say the same."""
    if "<![CDATA[" in text:
        text = _VERBATIM.sub(lambda found: html.escape(found[1], quote=False), text)
    known = {name: first or second for name, first, second in _ENTITY.findall(text)}
    if not known:
        return text
    wanted = re.compile("&(" + "|".join(map(re.escape, known)) + ");")
    growth = sum(len(known[each]) for each in wanted.findall(text))
    # What grows beyond reason is not worth its reading, and the entities may name one another.
    return text if growth > _MOST_GROWTH else wanted.sub(lambda found: known[found[1]], text)


def rich_text_plain(data: bytes) -> tuple[bytes, dict[int, str]]:
    """Return rich text as the library reads it, and what stands for characters beyond its range.

    Pairs of numbers become a private character each; the charset of Macs becomes numbers, and so
    does Johab.
    """
    if _MAC.match(data):
        data = _CODED.sub(_of_mac, data)
    elif _JOHAB.match(data):
        data = _PAIR_OF_JOHAB.sub(_of_johab, data)
    meant: dict[int, str] = {}
    if b"\\u" in data:
        data = _PAIR.sub(lambda found: _private(found, meant), data)
    return data, meant


def _of_mac(found: re.Match[bytes]) -> bytes:
    code = ord(bytes([int(found[1], 16)]).decode("mac_roman"))
    return b"\\u%d?" % code if code > 0x7F else found[0]


def _of_johab(found: re.Match[bytes]) -> bytes:
    trail = bytes([int(found["coded"], 16)]) if found["coded"] else found["plain"]
    try:
        code = ord((bytes([int(found["lead"], 16)]) + trail).decode("johab"))
    except (UnicodeDecodeError, TypeError):
        return found[0]
    return b"\\u%d?" % (code if code <= _LAST_SIGNED else code - 0x10000)


def _private(found: re.Match[bytes], meant: dict[int, str]) -> bytes:
    high, low = (int(each) & 0xFFFF for each in found.groups())
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return found[0]
    character = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    place = next((each for each, known in meant.items() if known == character), None)
    if place is None:
        place = _FIRST_PRIVATE + len(meant)
        if place > _LAST_PRIVATE:
            return found[0]
        meant[place] = character
    return b"\\u%d" % (place - 0x10000)
