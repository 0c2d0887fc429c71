"""How fast Vowpal Wabbit and fastText score texts, measured in an environment of their own.

``python other_scorers.py TEXTS`` reads a file with one text a line, and imports nothing of
Cultivar; ``benchmarks.scoring`` calls it by the Python that the variable ``SCORERS`` names. Each
rival reads the file, counts words and pairs of words and scores, all of it in its own compiled
code; what the same takes for a file without lines is taken off. It prints seconds of a core, the
median of five runs, one line a rival.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import fasttext
from vowpalwabbit import Workspace

REPEATS = 5
LEARNED = 3_000
BITS = 18
# Its text format gives a meaning to these signs.
MEANT = str.maketrans({"|": " ", ":": " "})


def _seconds(action: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return median(times)


def vowpal_wabbit(lines: list[str], folder: Path) -> float:
    """Return what scoring takes Vowpal Wabbit with words and pairs of words, hashed."""
    model, examples, nothing = folder / "model.vw", folder / "texts.vw", folder / "nothing.vw"
    rows = [f"|t {line.translate(MEANT)}\n" for line in lines]
    learned = folder / "learned.vw"
    learned.write_text(
        "".join(f"{1 if place % 2 else -1} {row}" for place, row in enumerate(rows[:LEARNED])),
        encoding="utf-8",
    )
    examples.write_text("".join(rows), encoding="utf-8")
    nothing.write_text("", encoding="utf-8")
    how = f"--ngram 2 -b {BITS} --loss_function logistic --quiet"
    Workspace(f"-d {learned} {how} -f {model}").finish()

    def score(path: Path) -> None:
        Workspace(f"-t -d {path} -i {model} --quiet -p {path.with_suffix('.scores')}").finish()

    spent = _seconds(lambda: score(examples)) - _seconds(lambda: score(nothing))
    scored = examples.with_suffix(".scores").read_text(encoding="utf-8").count("\n")
    if scored != len(lines):
        raise SystemExit(f"Vowpal Wabbit scored {scored} of {len(lines)} texts.")
    return spent


def fast_text(lines: list[str], folder: Path) -> float:
    """Return what scoring takes fastText with words and pairs of words, hashed."""
    learned, tested = folder / "learned.ft", folder / "texts.ft"
    rows = [f"__label__{place % 2} {line}\n" for place, line in enumerate(lines)]
    learned.write_text("".join(rows[:LEARNED]), encoding="utf-8")
    tested.write_text("".join(rows), encoding="utf-8")
    model = fasttext.train_supervised(
        str(learned), wordNgrams=2, bucket=1 << BITS, epoch=2, thread=1, verbose=0
    )
    # Its Python method fails beside NumPy 2; this is what it calls: the file is read in C++.
    return _seconds(lambda: model.f.test(str(tested), 1, 0.0))


def main() -> None:
    """Measure both on the file that is named."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(prefix="cultivar-scorers-") as scratch:
        os.chdir(scratch)
        for name, measure in (("vowpal-wabbit", vowpal_wabbit), ("fasttext", fast_text)):
            print(f"{name} {measure(lines, Path(scratch)):.6f}", flush=True)


if __name__ == "__main__":
    main()
