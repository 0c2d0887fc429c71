"""Compiled passes over UTF-8 bytes: one definition of a word, shared by counting and scoring.

Nothing here knows of Arrow, of training or of thresholds. All kernels stand in this one file,
because numba's cache of compiled code notices a change of the file but not of a file it calls.

A word is a maximal run of letters and digits of the folded text (``forms.py``); a character of a
script without spaces is a word of its own. A word's hash is FNV-1a over its folded UTF-8 bytes.
Words and pairs of them are features, and n-grams of letters where the fold is flagged RICH.
No kernel reassociates a sum, so results do not depend on the machine.
"""

# numba infers types from the arrays it is given, and takes arrays one by one
# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: C901, PLR0917

import numpy as np

from cultivar.core.learning.compiling import compiled, prefetch

_OFFSET = np.uint64(0xCBF29CE484222325)
_CONTINUED = np.uint64(0x9AE16A3B2F90404F)
_PRIME = np.uint64(0x100000001B3)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(33)

_INNER = np.uint64(0xA0761D6478BD642F)

_SEPARATOR = 0
_MARK = 1
_SINGLE = 0x80000000
_RICH = 0x40000000
_POINT = 0x1FFFFF
_FOLDED_BELOW = 0x30000
# The lowest first byte of a character of a rich script. The micro sign, which folds to a Greek
# letter, lies below: a word that begins with it has no n-grams, in every model so far.
_RICH_FROM = 0xCD
_IDEOGRAPHS = 0x2E80
_TWO_BYTES = 0x800  # letters below are those of alphabets, above of syllabaries and their like

_MANY = 30_000  # counts go no further; their logarithms end long before
_AHEAD = 8  # steps between what is prefetched and what is used
MODELS_A_STEP = 16  # models summed up side by side: their weights fill a line of the caches
_COUNT = np.uint64(127)  # the bits in which a kept word keeps its number of pieces
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio
_SPREAD_SHIFT = np.uint64(40)
_OTHER = np.uint8(255)  # a byte that is no letter, digit or separator of ASCII
LONGEST_PIECE = 18  # bytes of the longest word piece
LONGEST_SPLIT = 100  # folded bytes; a longer word has no pieces
_INNER_LETTERS = 64  # of a word; its n-grams begin among them
_INNER_AT_MOST = 3 * _INNER_LETTERS


@compiled
def decode(data, position, end):
    """Return (code point, width) of the character at ``position``; (0, 1) where it is malformed."""
    lead = data[position]
    if lead < 0x80:
        return np.int64(lead), 1
    if lead < 0xC2 or lead > 0xF4:
        return np.int64(0), 1
    width = 2 + (lead >= 0xE0) + (lead >= 0xF0)
    if position + width > end:
        return np.int64(0), 1
    point = np.int64(lead) & (0x7F >> width)
    for offset in range(1, width):
        byte = np.int64(data[position + offset])
        if byte & 0xC0 != 0x80:
            return np.int64(0), 1
        point = (point << 6) | (byte & 0x3F)
    return point, width


@compiled
def _folded(point, fold):
    if point < _FOLDED_BELOW:
        return np.int64(fold[point])
    return point | _SINGLE


@compiled
def _add_byte(value, byte):
    return (value ^ np.uint64(byte)) * _PRIME


@compiled
def _add_point(value, point):
    """Add a code point's UTF-8 bytes to a hash."""
    if point < 0x80:
        return _add_byte(value, point)
    if point < 0x800:
        return _add_byte(_add_byte(value, 0xC0 | (point >> 6)), 0x80 | (point & 0x3F))
    if point < 0x10000:
        value = _add_byte(value, 0xE0 | (point >> 12))
    else:
        value = _add_byte(value, 0xF0 | (point >> 18))
        value = _add_byte(value, 0x80 | ((point >> 12) & 0x3F))
    return _add_byte(_add_byte(value, 0x80 | ((point >> 6) & 0x3F)), 0x80 | (point & 0x3F))


@compiled
def _next_word(data, position, end, fold):
    """Return (start, stop, hash) of the next word; start equals ``end`` where there is none."""
    start = end
    stop = end
    value = _OFFSET
    while position < end:
        byte = data[position]
        if byte < 0x80:
            point = np.int64(byte)
            width = 1
        else:
            point, width = decode(data, position, end)
        code = _folded(point, fold)
        if code == _MARK:
            position += width
            if start < end:
                stop = position
            continue
        if code == _SEPARATOR:
            if start < end:
                break
            position += width
            continue
        if code & _SINGLE:
            if start < end:
                break
            return position, position + width, _add_point(value, code & _POINT)
        if start == end:
            start = position
        position += width
        stop = position
        value = _add_byte(value, code) if code < 0x80 else _add_point(value, code & _POINT)
    return start, stop, value


@compiled
def _ascii_folds(fold):
    """Return what each byte folds to (uint8 [256]): a letter or digit, 0 to separate, or _OTHER."""
    folds = np.full(256, _OTHER, dtype=np.uint8)
    for byte in range(0x80):
        code = np.int64(fold[byte])
        if code == _SEPARATOR or _MARK < code < 0x80:
            folds[byte] = code
    return folds


@compiled
def _words(data, position, end, fold, ascii_folds, values, starts, stops):
    """Write the words of a text: their hashes, and where they start and stop. Return their number.

    Words of ASCII alone take the short way, without decoding.
    """
    size = 0
    while True:
        while position < end and ascii_folds[data[position]] == _SEPARATOR:
            position += 1
        if position >= end:
            return size
        start = position
        value = _OFFSET
        code = ascii_folds[data[position]]
        while _SEPARATOR < code < _OTHER:
            value = _add_byte(value, code)
            position += 1
            if position == end:
                break
            code = ascii_folds[data[position]]
        if position < end and code == _OTHER:
            start, position, value = _next_word(data, start, end, fold)
            if start == end:
                return size
        values[size] = value
        starts[size] = start
        stops[size] = position
        size += 1


@compiled
def _word_arrays(offsets):
    """Return (hashes, starts, stops) as long as the words of the longest text need.

    A word takes two bytes at least: one of ASCII is followed by a separator, another is longer.
    """
    size = _longest(offsets) // 2 + 2
    starts = np.empty(size, dtype=np.int64)
    return np.empty(size, dtype=np.uint64), starts, np.empty(size, dtype=np.int64)


@compiled
def _mixed(value):
    value = (value ^ (value >> _SHIFT)) * _MIX_1
    value = (value ^ (value >> _SHIFT)) * _MIX_2
    return value ^ (value >> _SHIFT)


@compiled
def _single(value, half):
    """Return the feature of a word: in the lower ``half`` (2^k) of the features."""
    return np.int64(_mixed(value)) & (half - 1)


@compiled
def _pair(before, value, half):
    """Return the feature of two neighbouring words: in the upper half."""
    return (np.int64(_mixed(before * _PAIR + value)) & (half - 1)) + half


@compiled
def _inner(value, half):
    """Return the feature of an n-gram of letters: in the lower half."""
    return np.int64(_mixed(value)) & (half - 1)


@compiled
def _letters(data, start, stop, fold, points):
    """Write the first letters of a word to ``points``, -1 for those of other scripts."""
    size = 0
    position = start
    while position < stop and size < points.size:
        point, width = decode(data, position, stop)
        position += width
        code = _folded(point, fold)
        if code != _MARK:
            points[size] = (code & _POINT) if code & _RICH else -1
            size += 1
    return size


@compiled
def _add_inner(data, start, stop, fold, half, points, found):
    """Write the features of the n-grams of letters within a word; return their number.

    Of alphabets those of 3 and 4 letters, of syllabaries and their like those of 1 to 3: no more
    than the word has bytes, less two.
    """
    size = _letters(data, start, stop, fold, points)
    count = 0
    for first in range(size):
        value = _INNER
        for last in range(first, min(size, first + 4)):
            point = points[last]
            if point < 0:
                break
            length = last - first + 1
            value = _add_point(value, point)
            if points[first] < _TWO_BYTES:
                if length < 3:
                    continue
            elif length > 3 or size == 1:
                break
            found[count] = _inner(value, half)
            count += 1
    return count


@compiled
def _only_marks(data, start, stop, fold):
    """Tell whether nothing but what leaves no trace stands between two words."""
    position = start
    while position < stop:
        point, width = decode(data, position, stop)
        if _folded(point, fold) != _MARK:
            return False
        position += width
    return True


@compiled
def _rich(data, start, stop, value, fold, half, run, points, found):
    """Write the further features of a word of a rich script to ``found``; return their number.

    ``run`` (uint64 [4]) keeps the characters before that are words of their own: how many in a
    row, where the last ends, and the hashes of two. Three in a row are a feature.
    """
    code = _folded(decode(data, start, stop)[0], fold)
    if not code & _RICH:
        return 0
    if not code & _SINGLE:
        return _add_inner(data, start, stop, fold, half, points, found)
    count = 0
    if run[0] > 0 and not _only_marks(data, np.int64(run[1]), start, fold):
        run[0] = 0
    if run[0] >= 2:
        found[0] = _inner((run[2] * _PAIR + run[3]) * _PAIR + value, half)
        if code & _POINT >= _IDEOGRAPHS:
            found[0] += half
        count = 1
    run[0] += np.uint64(1)
    run[1] = np.uint64(stop)
    run[2] = run[3]
    run[3] = value
    return count


@compiled
def _slot(key, mask):
    """Return where to look for a key: hashes of a few bytes differ in few bits until spread."""
    return np.int64((key * _SPREAD) >> _SPREAD_SHIFT) & mask


@compiled
def _find(key, slots, keys):
    """Return the row of ``key`` in an open-addressed table, or -1."""
    mask = slots.size - 1
    slot = _slot(key, mask)
    while slots[slot] >= 0:
        if keys[slots[slot]] == key:
            return np.int64(slots[slot])
        slot = (slot + 1) & mask
    return np.int64(-1)


@compiled
def fill_slots(keys, slots):
    """Enter each row of ``keys`` (uint64, distinct) into ``slots`` (int32, all -1, 2^k long)."""
    mask = slots.size - 1
    for row in range(keys.size):
        slot = _slot(keys[row], mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = row


@compiled
def _spell(data, start, stop, fold, letters):
    """Write a word's folded bytes to ``letters``; return their number, or -1 if too many."""
    size = 0
    position = start
    while position < stop:
        point, width = decode(data, position, stop)
        position += width
        code = _folded(point, fold)
        if code == _MARK:
            continue
        point = code & _POINT
        if size > LONGEST_SPLIT:
            return -1
        if point < 0x80:
            letters[size] = point
            size += 1
        elif point < 0x800:
            letters[size] = 0xC0 | (point >> 6)
            letters[size + 1] = 0x80 | (point & 0x3F)
            size += 2
        elif point < 0x10000:
            letters[size] = 0xE0 | (point >> 12)
            letters[size + 1] = 0x80 | ((point >> 6) & 0x3F)
            letters[size + 2] = 0x80 | (point & 0x3F)
            size += 3
        else:
            letters[size] = 0xF0 | (point >> 18)
            letters[size + 1] = 0x80 | ((point >> 12) & 0x3F)
            letters[size + 2] = 0x80 | ((point >> 6) & 0x3F)
            letters[size + 3] = 0x80 | (point & 0x3F)
            size += 4
    return size if size <= LONGEST_SPLIT else -1


@compiled
def _split(data, start, stop, value, fold, slots, keys, letters, pieces):
    """Write the rows of a word's pieces, longest first from the left; return their number.

    A word that the pieces cannot spell to its end has none.
    """
    whole = _find(value, slots, keys)
    if whole >= 0:
        pieces[0] = whole
        return 1
    size = _spell(data, start, stop, fold, letters)
    count = 0
    begin = 0
    while begin < size:
        prefix = _CONTINUED if begin else _OFFSET
        row = -1
        reach = begin
        for position in range(begin, min(size, begin + LONGEST_PIECE)):
            prefix = _add_byte(prefix, letters[position])
            found = _find(prefix, slots, keys)
            if found >= 0:
                row = found
                reach = position + 1
        if row < 0:
            return 0
        pieces[count] = row
        count += 1
        begin = reach
    return count


@compiled
def hash_words(data, offsets, fold, continued):
    """Return each text's hash when the text is exactly one folded word, else 0 (uint64).

    ``continued`` (bool per text) hashes as the rest of a word.
    """
    hashes = np.zeros(offsets.size - 1, dtype=np.uint64)
    for row in range(hashes.size):
        start, stop, value = _next_word(data, offsets[row], offsets[row + 1], fold)
        if start != offsets[row] or stop != offsets[row + 1]:
            continue
        if continued[row]:
            value = _CONTINUED
            for position in range(start, stop):
                value = _add_byte(value, data[position])
        hashes[row] = value
    return hashes


@compiled
def _features(data, words, count, fold, half, scratch, features):
    """Write the features of a text's first ``count`` words in their order; return their number.

    ``words`` is (hashes, starts, stops), ``scratch`` what ``_scratch`` returns.
    """
    values, starts, stops = words
    run, points, inner = scratch
    run[0] = 0
    size = 0
    before = np.uint64(0)
    for word in range(count):
        value = values[word]
        features[size] = _single(value, half)
        size += 1
        if data[starts[word]] >= _RICH_FROM:
            where = (starts[word], stops[word])
            more = _rich(data, *where, value, fold, half, run, points, inner)
            features[size : size + more] = inner[:more]
            size += more
        if word:
            features[size] = _pair(before, value, half)
            size += 1
        before = value
    return size


@compiled
def _scratch():
    """Return what ``_features`` writes on: a run of characters, letters, and n-grams of them."""
    run = np.zeros(4, dtype=np.uint64)
    points = np.empty(_INNER_LETTERS, dtype=np.int64)
    return run, points, np.empty(_INNER_AT_MOST, dtype=np.int64)


@compiled
def add_document_frequencies(data, offsets, fold, frequencies):
    """Add 1 to ``frequencies`` (int64, 2^k long) at each feature a document holds."""
    half = frequencies.size >> 1
    seen = np.full(frequencies.size, -1, dtype=np.int32)
    ascii_folds = _ascii_folds(fold)
    words = _word_arrays(offsets)
    features = np.empty(_longest(offsets) + 2, dtype=np.int32)
    scratch = _scratch()
    for row in range(offsets.size - 1):
        count = _words(data, offsets[row], offsets[row + 1], fold, ascii_folds, *words)
        for place in range(_features(data, words, count, fold, half, scratch, features)):
            feature = features[place]
            frequencies[feature] += seen[feature] != row
            seen[feature] = row


@compiled
def _count(features, size, counts, touched):
    """Count features; write the distinct ones to ``touched`` as they come; return their number.

    Without a branch: which feature is new cannot be foreseen.
    """
    distinct = 0
    for place in range(size):
        feature = features[place]
        count = counts[feature]
        touched[distinct] = feature
        distinct += count == 0
        counts[feature] = min(count + 1, _MANY)
    return distinct


@compiled
def extract(data, offsets, fold, unknown, idf, logarithms, slots, keys, table, indptr, dense):
    """Return (indices, values) of the n-gram rows; fill ``indptr`` and the pooled ``dense`` rows.

    A value is (1 + ln tf) * idf over the row's Euclidean norm (float32), features in the order of
    their first appearance. ``logarithms[n]`` is 1 + ln n. ``table`` is float32 [pieces, d] and a
    dense row is the mean of its pieces' rows (zero where there are none); ``unknown`` (0 or 1) is
    how many pieces a word counts for that the pieces cannot spell.
    """
    half = idf.size >> 1
    capacity = offsets[-1] - offsets[0] + offsets.size + 1
    indices = np.empty(capacity, dtype=np.int32)
    values = np.empty(capacity, dtype=np.float32)
    counts = np.zeros(idf.size, dtype=np.int16)
    letters = np.empty(LONGEST_SPLIT + 4, dtype=np.uint8)
    pieces = np.empty(LONGEST_SPLIT + 4, dtype=np.int64)
    total = np.empty(table.shape[1], dtype=np.float64)
    ascii_folds = _ascii_folds(fold)
    words = _word_arrays(offsets)
    features = np.empty(_longest(offsets) + 2, dtype=np.int32)
    scratch = _scratch()
    filled = 0
    for row in range(offsets.size - 1):
        begin = filled
        count = _words(data, offsets[row], offsets[row + 1], fold, ascii_folds, *words)
        size = _features(data, words, count, fold, half, scratch, features)
        filled += _count(features, size, counts, indices[begin:])
        pooled = 0
        total[:] = 0.0
        for word in range(count):
            value, start, stop = words[0][word], words[1][word], words[2][word]
            found = _split(data, start, stop, value, fold, slots, keys, letters, pieces)
            for number in range(found):
                for column in range(total.size):
                    total[column] += table[pieces[number], column]
            pooled += found if found else unknown
        squares = 0.0
        for entry in range(begin, filled):
            feature = indices[entry]
            weight = logarithms[min(counts[feature], logarithms.size - 1)] * idf[feature]
            squares += np.float64(weight) * weight
            values[entry] = weight
            counts[feature] = 0
        if squares > 0.0:
            scale = 1.0 / np.sqrt(squares)
            for entry in range(begin, filled):
                values[entry] *= scale
        if pooled:
            for column in range(total.size):
                dense[row, column] = total[column] / pooled
        indptr[row + 1] = filled
    return indices[:filled], values[:filled]


@compiled
def _longest(offsets):
    longest = np.int64(1)
    for row in range(offsets.size - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest


@compiled
def score(
    data, offsets, fold, unknown, weights, logarithms, slots, keys, numbers, counts, kept, sums,
    decisions,
):  # fmt: skip
    """Fill ``decisions`` (float64 [n, 2]): a document's weighted sum, bias excluded, and what of it
    the model knows, 0 to 1.

    Known is the share of the squared n-gram values whose weight is not 0; ``unknown`` is as in
    ``extract``. ``weights`` is float32 [2^k, 2]: idf and idf * weight. ``numbers`` is the pieces'
    collapsed weight (float32). One loop after another over a text's words, so that none waits for
    another's memory.

    Features are counted in ``counts`` (int16 [2^k], zeros before and after). A word's piece sum is
    kept by its hash, so that few words are split twice: in ``kept`` (uint64 [2^m]) and ``sums``
    (float64 [2^m]), zeros at first, which serve the same model's next call and no other's.
    """
    half = weights.shape[0] >> 1
    flat = weights.reshape(-1)
    letters = np.empty(LONGEST_SPLIT + 4, dtype=np.uint8)
    pieces = np.empty(LONGEST_SPLIT + 4, dtype=np.int64)
    ascii_folds = _ascii_folds(fold)
    words = _word_arrays(offsets)
    features = np.empty(_longest(offsets) + 2, dtype=np.int32)
    touched = np.empty(_longest(offsets) + 2, dtype=np.int32)
    scratch = _scratch()
    for row in range(offsets.size - 1):
        count = _words(data, offsets[row], offsets[row + 1], fold, ascii_folds, *words)
        size = _features(data, words, count, fold, half, scratch, features)
        size = _count(features, size, counts, touched)
        pooled = np.int64(0)
        total = 0.0
        for word in range(count):
            value = words[0][word]
            place = _place(value, kept)
            if (kept[place] ^ value) & ~_COUNT:
                start, stop = words[1][word], words[2][word]
                found = _split(data, start, stop, value, fold, slots, keys, letters, pieces)
                kept[place] = _kept(value, found, unknown)
                sums[place] = 0.0
                for piece in range(found):
                    sums[place] += numbers[pieces[piece]]
            total += sums[place]
            pooled += np.int64(kept[place] & _COUNT)
        dot = 0.0
        squares = 0.0
        known = 0.0
        for entry in range(size):
            if entry + _AHEAD < size:
                prefetch(flat, 2 * np.int64(touched[entry + _AHEAD]))
            feature = touched[entry]
            tf = np.float64(logarithms[min(counts[feature], logarithms.size - 1)])
            idf = tf * weights[feature, 0]
            dot += tf * weights[feature, 1]
            squares += idf * idf
            known += idf * idf * (weights[feature, 1] != 0.0)  # a branch would cost more
            counts[feature] = 0
        ngrams = dot / np.sqrt(squares) if squares > 0.0 else 0.0
        decisions[row, 0] = ngrams + (total / pooled if pooled else 0.0)
        decisions[row, 1] = known / squares if squares > 0.0 else 0.0


@compiled
def _place(value, kept):
    """Return where a word is kept."""
    return np.int64(value >> _SPREAD_SHIFT) & (kept.size - 1)


@compiled
def _kept(value, found, unknown):
    """Return a word as it is kept: its hash, whose last bits give way to its number of pieces."""
    return (value & ~_COUNT) | np.uint64(found if found else unknown)


@compiled
def score_jointly(
    data, offsets, fold, unknown, idfs, ends, rows, weights, logarithms, slots, keys, numbers,
    counts, kept, sums, decisions,
):  # fmt: skip
    """Fill ``decisions`` (float64 [n, models, 2]) as ``score`` does for each model, bit by bit.

    The models share fold and pieces; their number is a multiple of ``MODELS_A_STEP``. Those before
    ``ends[c]`` (uint64 [columns]) have the column c of ``idfs`` (float32 [2^k, columns]). ``rows``
    (int32 [2^k]) is a feature's row in ``weights`` (float32 [known, models]: idf * weight), or -1
    where no model has a weight. ``numbers`` is float32 [pieces, models], ``sums`` float64 [2^m,
    models].
    """
    models = weights.shape[1]
    half = idfs.shape[0] >> 1
    letters = np.empty(LONGEST_SPLIT + 4, dtype=np.uint8)
    pieces = np.empty(LONGEST_SPLIT + 4, dtype=np.int64)
    ascii_folds = _ascii_folds(fold)
    words = _word_arrays(offsets)
    features = np.empty(_longest(offsets) + 2, dtype=np.int32)
    touched = np.empty(_longest(offsets) + 2, dtype=np.int32)
    scratch = _scratch()
    totals, dots, known = np.empty(models), np.empty(models), np.empty(models)
    squares = np.empty(idfs.shape[1])
    lookup = (fold, slots, keys, numbers, letters, pieces)
    tables = (logarithms, idfs, ends, rows, weights)
    for row in range(offsets.size - 1):
        count = _words(data, offsets[row], offsets[row + 1], fold, ascii_folds, *words)
        size = _features(data, words, count, fold, half, scratch, features)
        size = _count(features, size, counts, touched)
        pooled = _sum_pieces(data, words, count, unknown, lookup, kept, sums, totals)
        _sum_features(touched[:size], counts, tables, dots, known, squares)
        column = 0
        for model in range(models):
            column += model == ends[column]
            whole = squares[column]
            ngrams = dots[model] / np.sqrt(whole) if whole > 0.0 else 0.0
            decisions[row, model, 0] = ngrams + (totals[model] / pooled if pooled else 0.0)
            decisions[row, model, 1] = known[model] / whole if whole > 0.0 else 0.0


@compiled
def _sum_pieces(data, words, count, unknown, lookup, kept, sums, totals):
    """Write each model's sum over a text's word pieces to ``totals``; return how many they are."""
    fold, slots, keys, numbers, letters, pieces = lookup
    values, starts, stops = words
    models = totals.size
    flat_numbers, flat_sums = numbers.reshape(-1), sums.reshape(-1)
    pooled = np.int64(0)
    totals[:] = 0.0
    for word in range(count):
        if word + _AHEAD < count:
            ahead = _place(values[word + _AHEAD], kept)
            prefetch(kept, ahead)
            for model in range(0, models, MODELS_A_STEP // 2):
                prefetch(flat_sums, ahead * models + model)
        value = values[word]
        place = _place(value, kept)
        if (kept[place] ^ value) & ~_COUNT:
            where = (starts[word], stops[word], value)
            found = _split(data, *where, fold, slots, keys, letters, pieces)
            kept[place] = _kept(value, found, unknown)
            sums[place, :] = 0.0
            for piece in range(found):
                for model in range(0, models, MODELS_A_STEP):
                    prefetch(flat_numbers, pieces[piece] * models + model)
            for piece in range(found):
                for model in range(models):
                    sums[place, model] += numbers[pieces[piece], model]
        for model in range(models):
            totals[model] += sums[place, model]
        pooled += np.int64(kept[place] & _COUNT)
    return pooled


@compiled
def _sum_features(touched, counts, tables, dots, known, squares):
    """Write each model's sums over a text's features, and empty their ``counts``.

    ``squares`` is float64 [columns]: a baseline's.
    """
    logarithms, idfs, ends, rows, weights = tables
    models, columns = dots.size, idfs.shape[1]
    flat, flat_idfs = weights.reshape(-1), idfs.reshape(-1)
    own = np.empty(columns)
    dots[:] = 0.0
    known[:] = 0.0
    squares[:] = 0.0
    for entry in range(touched.size):
        if entry + _AHEAD < touched.size:
            ahead = np.int64(rows[touched[entry + _AHEAD]])
            for model in range(0, models if ahead >= 0 else 0, MODELS_A_STEP):
                prefetch(flat, ahead * models + model)
        if entry + 2 * _AHEAD < touched.size:
            ahead = np.int64(touched[entry + 2 * _AHEAD])
            prefetch(rows, ahead)
            prefetch(flat_idfs, ahead * columns)
        feature = touched[entry]
        tf = np.float64(logarithms[min(counts[feature], logarithms.size - 1)])
        counts[feature] = 0
        for column in range(columns):
            idf = tf * idfs[feature, column]
            own[column] = idf * idf
            squares[column] += own[column]
        place = rows[feature]
        if place < 0:
            continue
        begin = np.uint64(0)
        for column in range(columns):
            square = own[column]
            for model in range(begin, ends[column]):
                weight = weights[place, model]
                dots[model] += tf * weight
                known[model] += square if weight != 0.0 else 0.0
            begin = ends[column]


@compiled
def trace(data, fold, half, slots, keys, numbers):
    """Return a text's words and its features.

    Words: starts and stops (byte positions), piece sums and piece counts. Features, one row an
    occurrence and a word that takes part in it: features, words, and shares that add up to 1 an
    occurrence.
    """
    starts = np.empty(data.size, dtype=np.int64)
    stops = np.empty(data.size, dtype=np.int64)
    sums = np.zeros(data.size, dtype=np.float64)
    pooled = np.zeros(data.size, dtype=np.int64)
    features = np.empty((3 * data.size + 3, 2), dtype=np.int64)
    shares = np.empty(3 * data.size + 3, dtype=np.float64)
    letters = np.empty(LONGEST_SPLIT + 4, dtype=np.uint8)
    pieces = np.empty(LONGEST_SPLIT + 4, dtype=np.int64)
    run = np.zeros(4, dtype=np.uint64)
    points = np.empty(_INNER_LETTERS, dtype=np.int64)
    inner = np.empty(_INNER_AT_MOST, dtype=np.int64)
    position = np.int64(0)
    before = np.uint64(0)
    size = 0
    entries = 0
    while True:
        start, position, value = _next_word(data, position, np.int64(data.size), fold)
        if start == data.size:
            break
        starts[size] = start
        stops[size] = position
        entries = _enter(features, shares, entries, _single(value, half), size, 1)
        if size:
            entries = _enter(features, shares, entries, _pair(before, value, half), size, 2)
        if data[start] >= _RICH_FROM:
            more = _rich(data, start, position, value, fold, half, run, points, inner)
            single = np.int64(_fold_of(data, start, position, fold)) & _SINGLE
            for number in range(more):
                parts = 3 if single else 1
                entries = _enter(features, shares, entries, inner[number], size, parts)
        before = value
        found = _split(data, start, position, value, fold, slots, keys, letters, pieces)
        pooled[size] = found
        for number in range(found):
            sums[size] += numbers[pieces[number]]
        size += 1
    words = starts[:size], stops[:size], sums[:size], pooled[:size]
    return words, features[:entries], shares[:entries]


@compiled
def _fold_of(data, start, stop, fold):
    """Return the fold of the character at ``start``."""
    return _folded(decode(data, start, stop)[0], fold)


@compiled
def _enter(features, shares, entries, feature, word, parts):
    """Enter a feature that a word and the ``parts`` - 1 words before it share."""
    for back in range(parts):
        features[entries, 0] = feature
        features[entries, 1] = word - back
        shares[entries] = 1.0 / parts
        entries += 1
    return entries
