"""Compiled passes that bring texts into one Unicode form, where a table by character cannot.

A ligature becomes its letters, a fraction its digits; Hangul in parts, a kana with its sound mark
beside it, a Thai or Lao AM in two become one character. Texts without such characters, nearly all
of most content, are looked at quickly and left as they are.
"""

# numba infers types from the arrays it is given, and takes arrays one by one
# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: PLR0911, PLR0917

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.compiling import compiled
from cultivar.core.learning.kernels import decode

_LEAD = 0xC2  # the lowest first byte of a character of several bytes
_BLOCK = 1 << 20  # bytes looked at together
_WIDEST = 4

_L, _V, _T, _SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00  # of Hangul; _T is one before the first
_LS, _VS, _TS = 19, 21, 28
_SYLLABLES = _LS * _VS * _TS
_VOICED, _HALF_VOICED = 0x3099, 0x309A
_KATAKANA = 0x60  # from a hiragana to its katakana


def to_rewrite(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], rewrites: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Tell of each text whether it holds a character that ``rewrites`` (int32) replaces."""
    wanted = np.zeros(offsets.size - 1, dtype=np.bool_)
    for first in range(int(offsets[0]), int(offsets[-1]), _BLOCK):
        last = min(int(offsets[-1]), first + _BLOCK)
        places = np.flatnonzero(data[first:last] >= _LEAD) + first  # NumPy is quicker here
        if places.size:
            _mark(data, offsets, places, rewrites, wanted)
    return wanted


@compiled
def _mark(data, offsets, places, rewrites, wanted):
    """Mark the texts in which a character that begins at one of ``places`` is replaced."""
    for place in places:
        point = decode(data, place, offsets[-1])[0]
        if point < rewrites.size and rewrites[point]:
            wanted[np.searchsorted(offsets, place, side="right") - 1] = True


@compiled
def rewrite(data, offsets, wanted, rewrites, parts, traced):
    """Return (bytes, offsets, sources): the ``wanted`` texts rewritten, the others as they are.

    ``rewrites[point]`` is where a replacement stands in ``parts``: a number of characters, then
    these. With ``traced``, ``sources`` (int64 [bytes, 2]) tells from where to where stands what a
    byte was written for; else it is empty.
    """
    written = np.empty(_room(data, offsets, wanted, rewrites, parts), dtype=np.uint8)
    sources = np.empty((written.size if traced else 0, 2), dtype=np.int64)
    bounds = np.zeros(offsets.size, dtype=np.int64)
    size = np.int64(0)
    for row in range(offsets.size - 1):
        position = offsets[row]
        end = offsets[row + 1]
        if not wanted[row]:
            written[size : size + end - position] = data[position:end]
            size += end - position
            position = end
        before = np.int64(0)  # the character written last, where it stands, where its source begins
        place = size
        begin = position
        while position < end:
            point, width = decode(data, position, end)
            known = point < rewrites.size and rewrites[point]
            count = np.int64(parts[rewrites[point]]) if known else np.int64(1)
            for number in range(count):
                single = np.int64(parts[rewrites[point] + 1 + number]) if known else point
                both = composed(before, single)
                start = begin if both else position
                if both:
                    single = both
                    size = place
                before = single
                place = size
                begin = start
                if not both and not known:
                    written[size : size + width] = data[position : position + width]
                    size += width
                else:
                    size = _put(written, size, single)
                if traced:
                    sources[place:size, 0] = start
                    sources[place:size, 1] = position + width
            position += width
        bounds[row + 1] = size
    return written[:size], bounds, sources[: size if traced else 0]


@compiled
def _room(data, offsets, wanted, rewrites, parts):
    """Return at least how many bytes are written."""
    room = np.int64(offsets[-1] - offsets[0])
    for row in range(offsets.size - 1):
        if wanted[row]:
            for position in range(offsets[row], offsets[row + 1]):
                if data[position] >= _LEAD:
                    point = decode(data, position, offsets[row + 1])[0]
                    if point < rewrites.size and rewrites[point]:
                        room += _WIDEST * parts[rewrites[point]]
    return room


@compiled
def composed(before, point):
    """Return the one character that two characters in a row are, or 0."""
    if 0 <= point - _V < _VS and 0 <= before - _L < _LS:
        return _SYLLABLE + ((before - _L) * _VS + (point - _V)) * _TS
    syllable = before - _SYLLABLE
    if 0 < point - _T < _TS and 0 <= syllable < _SYLLABLES and syllable % _TS == 0:
        return before + point - _T
    if point == 0x0E32 and before == 0x0E4D:  # Thai AM
        return 0x0E33
    if point == 0x0EB2 and before == 0x0ECD:  # Lao AM
        return 0x0EB3
    if point == _VOICED:
        return _voiced(before)
    if point == _HALF_VOICED and _is_h(before):
        return before + 2
    return 0


@compiled
def _is_h(point):
    """Tell whether a kana is HA, HI, FU, HE or HO."""
    kana = point - _KATAKANA if point >= 0x30A0 else point
    return 0x306F <= kana <= 0x307B and kana % 3 == 0


@compiled
def _voiced(point):
    """Return a kana with its voiced sound mark, or 0 where there is none."""
    kana = point - _KATAKANA if point >= 0x30A0 else point
    if 0x304B <= kana <= 0x3061 and kana % 2 == 1:  # KA to TI
        return point + 1
    if kana in (0x3064, 0x3066, 0x3068, 0x309D):  # TU, TE, TO and the sign of repetition
        return point + 1
    if _is_h(point):
        return point + 1
    if kana == 0x3046:  # U
        return point + 78
    if 0x30EF <= point <= 0x30F2:  # katakana WA to WO
        return point + 8
    return 0


@compiled
def _put(written, size, point):
    """Write a character's UTF-8 bytes; return where the next one begins."""
    if point < 0x80:
        written[size] = point
        return size + 1
    if point < 0x800:
        written[size] = 0xC0 | (point >> 6)
    elif point < 0x10000:
        written[size] = 0xE0 | (point >> 12)
    else:
        written[size] = 0xF0 | (point >> 18)
        size += 1
        written[size] = 0x80 | ((point >> 12) & 0x3F)
    if point >= 0x800:
        size += 1
        written[size] = 0x80 | ((point >> 6) & 0x3F)
    written[size + 1] = 0x80 | (point & 0x3F)
    return size + 2
