"""Bytes to characters: what the bytes say of themselves, then what was declared, then a guess.

Pure, but for the guess, which the caller lends; it knows names of charsets and no format.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cultivar.content.documents.characters.older_machines import of_mainframes, of_older_machines
from cultivar.content.documents.unreadable import is_no_text

REPLACEMENT = "\ufffd"

# Names that programs write, and the superset that the bytes really follow (WHATWG encodings).
_ALSO_CALLED = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "windows-949": "cp949",
    "x-johab": "johab",
    "ksc5601-1992": "johab",
    "ks_c_5601-1992": "johab",
    "windows-1361": "johab",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "visual": "iso8859_8",
    "unicode-1-1-utf-7": "utf_7",
    "unicode-1-1-utf-8": "utf_8",
    "utf8": "utf_8",
    "x-utf-8": "utf_8",
    "unicode": "utf_16",
    "ucs-2": "utf_16",
    "x-user-defined": "cp1252",
}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
# These escape into other alphabets with bytes of ASCII alone.
_ESCAPING = frozenset({"iso2022_jp_ext", "iso2022_jp", "iso2022_kr", "hz", "utf_7"})
# Of a text that was UTF-8 once, at most one sequence in so many is damaged.
_SOUND_FOR_ONE_DAMAGED = 4
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

_PAIRED = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")

_NOISE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_SEEN = 4_096
# Shares of zero bytes at places of four or of two, and of blanks in a text.
_NEARLY_ALL, _MOST, _SOME, _FEW, _BLANKS = 0.9, 0.6, 0.2, 0.04, 0.05
_BLANK_SIGNS = b" \t\r\n"
_WITHOUT_MEANING = frozenset({"Co", "Cn", "Cs"})
_READABLE = frozenset({*range(0x20, 0x7F), *_BLANK_SIGNS})

Guess = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, how many places of the bytes gave none, and whether the charset is a guess."""

    text: str
    lost: int = 0
    is_guess: bool = False


def codec_of(declared: str | None) -> str | None:
    """Return Python's name of a declared charset; None where there is none or it is unknown."""
    if not declared:
        return None
    name = declared.strip().strip("\"'").casefold()
    name = _ALSO_CALLED.get(name, name)
    try:
        found = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError):
        return None
    return None if not _is_text(found) else _ALSO_CALLED.get(found.replace("_", "-"), found)


def _is_text(name: str) -> bool:
    try:
        return isinstance(b"a".decode(name, "replace"), str)
    except (LookupError, ValueError, AssertionError):
        return False


def decoded(data: bytes, declared: str | None, guess: Guess) -> Decoded:
    """Return the characters of ``data``.

    A byte order mark decides; valid UTF-8 with letters outside ASCII is UTF-8, whatever single-byte
    charset was declared; then what was declared, UTF-8 with a few bad bytes, and ``guess``.
    """
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _forced(data[len(mark) :], marked)
    codec = codec_of(declared) or _wide(data)
    if codec is None and data.isascii() and b"\x1b$" in data:
        codec = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_ext"
    if data.isascii() and codec not in _ESCAPING and not _is_wide(codec, data):
        return Decoded(data.decode("ascii"))
    return _by_trial(data, codec) or _forced_or_guessed(data, codec, guess)


def _is_wide(codec: str | None, data: bytes) -> bool:
    return bool(codec and codec.startswith(("utf_16", "utf_32")) and b"\0" in data)


def _by_trial(data: bytes, codec: str | None) -> Decoded | None:
    tried = ["utf_8", codec] if codec is None or _is_single_byte(codec) else [codec, "utf_8"]
    for each in tried:
        if each is None or (each.startswith(("utf_16", "utf_32")) and b"\0" not in data):
            continue
        try:
            text = data.decode(each)
        except (UnicodeDecodeError, UnicodeError):
            text = _with_pairs(data) if each == "utf_8" else ""
            if not text:
                continue
        if not (_is_single_byte(each) and _has_controls(text)):
            return Decoded(text)
    return None


def _with_pairs(data: bytes) -> str:
    """Return UTF-8 in which characters stand as pairs of two-byte units (CESU-8); else nothing."""
    if not _PAIRED.search(data):
        return ""
    try:
        units = data.decode("utf_8", "surrogatepass").encode("utf_16_le", "surrogatepass")
        return units.decode("utf_16_le")
    except UnicodeError:
        return ""


def _is_single_byte(codec: str) -> bool:
    return codec.startswith(("cp125", "iso8859", "latin", "koi8", "mac_", "cp8", "cp437", "ascii"))


def _has_controls(text: str) -> bool:
    return any("\x80" <= each <= "\x9f" for each in text)


def _wide(data: bytes) -> str | None:
    """Return the charset of text of two or four bytes a character that has no mark."""
    seen = data[:_SEEN]
    if b"\0" not in seen or _has_stray_zeros(data, seen):
        return None
    zeros = [seen[at::4].count(0) / max(1, len(seen) // 4) for at in range(4)]
    if zeros[3] >= 1 and zeros[2] > _NEARLY_ALL:
        return "utf_32_le"
    if zeros[0] >= 1 and zeros[1] > _NEARLY_ALL:
        return "utf_32_be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if max(even, odd) < _SOME:
        return _by_blanks(seen)
    return None if min(even, odd) > _FEW else ("utf_16_le" if odd > even else "utf_16_be")


def _has_stray_zeros(data: bytes, seen: bytes) -> bool:
    """Tell text of one byte a character, or UTF-8, in which zero bytes stand here and there."""
    if not data.isascii() and _is_utf8(data):
        return True
    pairs = [seen[at : at + 2] for at in range(0, len(seen) - 1, 2)]
    whole = [pair for pair in pairs if 0 not in pair]
    if 2 * len(whole) < len(pairs):
        return False
    # of two bytes a character, few would both be letters of ASCII, and each blank has its zero
    readable = sum(pair[0] in _READABLE and pair[1] in _READABLE for pair in whole)
    blanks_alone = any(each in _BLANK_SIGNS for pair in whole for each in pair)
    if readable > _MOST * len(whole) and (blanks_alone or _by_blanks(seen) is None):
        return True
    return all(map(_has_no_meaning, _both_ways(seen)))


def _both_ways(seen: bytes) -> Iterator[str]:
    even = seen[: len(seen) // 2 * 2]
    return (even.decode(codec, "replace") for codec in ("utf_16_le", "utf_16_be"))


def _has_no_meaning(text: str) -> bool:
    """Tell whether a share of the characters is none, or one for private use."""
    without = sum(unicodedata.category(each) in _WITHOUT_MEANING for each in text)
    return without + text.count(REPLACEMENT) > _FEW * len(text)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _by_blanks(seen: bytes) -> str | None:
    """Tell how two bytes a character are ordered where blanks alone have a zero byte."""
    pairs = [seen[at : at + 2] for at in range(0, len(seen) - 1, 2)]
    with_zero = [pair for pair in pairs if 0 in pair]
    if all(pair[1] == 0 and pair[0] in _BLANK_SIGNS for pair in with_zero):
        return "utf_16_le"
    if all(pair[0] == 0 and pair[1] in _BLANK_SIGNS for pair in with_zero):
        return "utf_16_be"
    return None


def _is_of_mainframes(data: bytes) -> bool:
    """Tell EBCDIC, whose blank is the sign ``@`` of others and whose letters are not ASCII."""
    seen = data[:_SEEN]
    blanks = seen.count(0x40) / max(1, len(seen))
    return blanks > _BLANKS and seen.count(0x20) < _FEW * seen.count(0x40) and not seen.isascii()


def _forced_or_guessed(data: bytes, codec: str | None, guess: Guess) -> Decoded:
    if _was_utf8(data):
        return _forced(data, "utf_8")
    if codec is None and _is_of_mainframes(data):
        return Decoded(of_mainframes(data))
    if codec is None or _is_single_byte(codec):
        if codec is not None and codec != "cp1252":
            return _forced(data, codec)
        return _guessed(data, guess)
    found = _forced(data, codec)
    outside_ascii = sum(each > 0x7F for each in data)
    is_false = codec == "utf_8" and not _MULTIBYTE.search(data)
    if is_false or found.lost >= max(2, outside_ascii // _SOUND_FOR_ONE_DAMAGED // 2):
        # so much is lost that the declaration is wrong
        other = _guessed(data, guess)
        return other if other.lost < found.lost else found
    return found


def _guessed(data: bytes, guess: Guess) -> Decoded:
    text = guess(data.replace(b"\0", b" "))
    text = of_older_machines(data, text) or text
    # A guess leaves out what is no character: of bytes that are no text, that is much.
    noise = len(_NOISE.findall(data)) if is_no_text(data.decode("latin-1")) else 0
    return Decoded(text, text.count(REPLACEMENT) + noise, True)


def _was_utf8(data: bytes) -> bool:
    sound = len(_MULTIBYTE.findall(data))
    damaged = data.decode("utf_8", "replace").count(REPLACEMENT)
    return sound > 0 and sound >= _SOUND_FOR_ONE_DAMAGED * damaged


def _forced(data: bytes, codec: str) -> Decoded:
    try:
        return Decoded(data.decode(codec))
    except (UnicodeDecodeError, UnicodeError):
        text = data.decode(codec, "replace")
        return Decoded(text, max(1, text.count(REPLACEMENT)))
