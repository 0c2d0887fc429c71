"""Whether retraining helps: feedback on close matches after a flawed review and a drift, in rounds.

``python -m benchmarks.retraining`` plays every second category of the real corpora, those on which
no rule was chosen; ``--part choosing`` the others, ``--quick`` every eighth. It tunes nothing.

A version is learned from 50 seeds, unlabelled items, and 200 reviews of which 10 % are wrong. Then
it meets a location that drifted: forwarded, cut-down texts. In each of three rounds the 30 listed
items nearest to its content threshold are judged rightly. The retrained version is compared as the
product does: on judged items, then, where that is not enough evidence, by at most two batches of 30
items of the location on which the versions differ. It goes live only where *republish* is
recommended. What is true is F1 at the content threshold over the whole location: all items that are
left, at the prevalence of the others there, 500 at the least. The rule before this one sees the
same comparisons.
"""

import argparse
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.corpora import DOCUMENTS, Category, categories
from benchmarks.earlier_recommendation import earlier_decision
from cultivar.core.learning.evaluation import Counts, counts
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.core.operating_points import BALANCED, Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.retraining.actions import NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.comparison import (
    ORIGINAL,
    WITH_FEEDBACK,
    JudgedItem,
    comparison,
    paired_sets,
)
from cultivar.core.retraining.content_evidence import (
    BATCHES_AT_MOST,
    ContentEvidence,
    Differing,
    half_f1,
)
from cultivar.core.retraining.recommendation import after_content
from cultivar.core.review.accuracy import wilson_interval
from cultivar.core.vocabulary import NO_MATCH
from cultivar.encoder import load
from cultivar.operations.retraining.crossfit import ComparedVersion, cross_fit

SEEDS, UNLABELLED, REVIEWS, POOL, HELD_AT_LEAST = 50, 600, 200, 500, 500
PREVALENCE, POOL_PREVALENCE, WRONG, A_ROUND, ROUNDS = 0.10, 0.30, 0.10, 30, 3
WORDS_KEPT = 60
WRONG_AT_MOST = 0.05
GAINS = (
    ("worse", -1.0, 0.0),
    ("0 to 2 points better", 0.0, 0.02),
    ("2 to 5 points better", 0.02, 0.05),
    ("5 or more points better", 0.05, 1.0),
    ("2 or more points better", 0.02, 1.0),
)
IN_CONTENT = "@content"
PARTS = ("choosing", "claiming")
HELD = 4  # the last of the parts of a draw
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """One draw: the first version's material, and the drifted location's pool and held items."""

    given: TrainingInput
    pool: pa.Table
    held: pa.Table


@dataclass(frozen=True)
class Round:
    """What one round came to.

    Changes are against the version before the first round: of what is live after this one, and of
    what was retrained in it, live or not. ``gain`` is that of F1 over what was live before it.
    ``earlier`` tells whether the rule before this one would have republished, ``verdicts`` how many
    the comparison asked for.
    """

    number: int
    precision: float
    f1: float
    retrained_precision: float
    retrained_f1: float
    republished: bool
    earlier: bool
    verdicts: int
    gain: float


def scene(category: Category, run: int) -> Scene | None:
    """Return a draw without near-duplicates, or nothing where the category is too small."""
    generator = np.random.default_rng([run, 4])
    order = generator.permutation(len(category.texts))
    _, first = np.unique(category.groups[order], return_index=True)
    order = order[np.sort(first)]
    stacks = [order[category.relevant[order]], order[~category.relevant[order]]]
    parts: list[pa.Table] = []
    for at_least, prevalence in (
        (SEEDS, 1.0),
        (UNLABELLED, PREVALENCE),
        (REVIEWS, 0.5),
        (POOL, POOL_PREVALENCE),
        (HELD_AT_LEAST, POOL_PREVALENCE),
    ):
        size = max(at_least, _most(stacks)) if len(parts) == HELD else at_least
        wanted = round(size * prevalence), size - round(size * prevalence)
        if any(len(stack) < count for stack, count in zip(stacks, wanted, strict=True)):
            return None
        taken = [stack[:count] for stack, count in zip(stacks, wanted, strict=True)]
        stacks = [stack[count:] for stack, count in zip(stacks, wanted, strict=True)]
        parts.append(_table(category, np.concatenate(taken), drifted=len(parts) >= HELD - 1))
    seeds, unlabelled, reviews, pool, held = parts
    wrong = generator.permutation(REVIEWS) < round(WRONG * REVIEWS)
    said = np.where(wrong, 1 - reviews["relevant"].to_numpy(), reviews["relevant"].to_numpy())
    reviews = reviews.set_column(2, "relevant", pa.array(said, pa.int8()))
    reviews = reviews.append_column("chosen", pa.repeat(pa.scalar(False), len(reviews)))
    frequencies = document_frequencies(unlabelled.column("text"))
    given = TrainingInput(seeds, unlabelled, frequencies, reviews, UNLABELLED, run)
    return Scene(given, pool, held)


def _most(stacks: list[Rows]) -> int:
    """Return how many items the rest of both kinds makes at the location's prevalence."""
    relevant, other = map(len, stacks)
    return int(min(relevant / POOL_PREVALENCE, other / (1.0 - POOL_PREVALENCE)))


def _table(category: Category, rows: Rows, *, drifted: bool) -> pa.Table:
    texts = category.texts[rows].tolist()
    if drifted:
        texts = [f"Fwd: please see below. {' '.join(text.split()[:WORDS_KEPT])}" for text in texts]
    return pa.table(
        {
            "item_id": pa.array([str(row) for row in rows], pa.string()),
            "text": pa.array(texts, pa.large_string()),
            "relevant": pa.array(category.relevant[rows].astype(np.int8), pa.int8()),
        }
    )


def rounds(drawn: Scene) -> Iterator[Round]:
    """Yield what each round comes to."""
    live, material = train(drawn.given, load()), drawn.given
    begun = _measured(live, drawn.held)
    judged: list[int] = []
    for number in range(1, ROUNDS + 1):
        judged += _nearest(live, drawn.pool, judged)
        feedback = drawn.pool.take(pa.array(judged))
        feedback = feedback.append_column("chosen", pa.repeat(pa.scalar(True), len(feedback)))
        given = replace(drawn.given, reviewed=pa.concat_tables([drawn.given.reviewed, feedback]))
        retrained = train(given, load())
        earlier, decision = _compared((live, material), (retrained, given), feedback)
        verdicts = 0
        if decision == NOT_ENOUGH:
            decision, verdicts = _by_content(live, retrained, drawn.held, number)
        before, after = _measured(live, drawn.held), _measured(retrained, drawn.held)
        if decision == REPUBLISH:
            live, material = retrained, given
        found = _measured(live, drawn.held)
        yield Round(
            number,
            _or_one(found.precision) - _or_one(begun.precision),
            found.f1 - begun.f1,
            _or_one(after.precision) - _or_one(begun.precision),
            after.f1 - begun.f1,
            decision == REPUBLISH,
            earlier == REPUBLISH,
            verdicts,
            after.f1 - before.f1,
        )


def _cut(model: Model) -> Cut:
    assert model.operating is not None
    return model.operating.cut(BALANCED)


def _nearest(model: Model, pool: pa.Table, judged: list[int]) -> list[int]:
    """Return the listed items that are nearest to the content threshold and not judged yet."""
    scores, cut = model.score(pool.column("text")), _cut(model)
    listed = np.asarray(model.decide(scores, cut).to_numpy(zero_copy_only=False)) != NO_MATCH
    listed[judged] = False
    order = np.argsort(np.abs(scores - cut.threshold), kind="stable")
    return [int(place) for place in order if listed[place]][:A_ROUND]


def _labels(model: Model, items: pa.Table) -> npt.NDArray[np.bool_]:
    scores = model.score(items.column("text"))
    return np.asarray(scores >= np.float32(_cut(model).threshold))


def _measured(model: Model, items: pa.Table) -> Counts:
    relevant = items.column("relevant").to_numpy() == 1
    return counts(relevant.tolist(), _labels(model, items).tolist())


def _by_content(
    published: Model, retrained: Model, content: pa.Table, seed: int
) -> tuple[str, int]:
    """Return the decision by items on which the versions differ, and how many were judged."""
    labelled = [_labels(model, content) for model in (published, retrained)]
    relevant = content.column("relevant").to_numpy() == 1
    differing = np.flatnonzero(labelled[0] != labelled[1])
    order = np.random.default_rng([seed, len(differing)]).permutation(differing)
    assert published.operating is not None
    known = half_f1(published.operating, BALANCED, published.prior)
    only_new = int(labelled[1][differing].sum())
    plan = Differing(only_new, len(differing) - only_new, int(labelled[0].sum()), known)
    decision, judged = NOT_ENOUGH, 0
    for batch in range(1, BATCHES_AT_MOST + 1):
        if decision != NOT_ENOUGH or judged == len(order):
            break
        seen = order[: batch * A_ROUND]
        judged = len(seen)
        new, right = labelled[1][seen], relevant[seen]
        found, spoiled = int((new & right).sum()), int((new & ~right).sum())
        lost, cleared = int((~new & right).sum()), int((~new & ~right).sum())
        evidence = ContentEvidence(plan, found, spoiled, lost, cleared, batches=batch)
        decision = after_content(evidence).decision
    return decision, judged


def _or_one(precision: float) -> float:
    return 1.0 if np.isnan(precision) else precision


def _compared(
    published: tuple[Model, TrainingInput],
    retrained: tuple[Model, TrainingInput],
    feedback: pa.Table,
) -> tuple[str, str]:
    """Return what the earlier rule and the product's decide by the judged items.

    Items with feedback come twice: judged at the review's threshold, and as content is labelled.
    """
    nowhere = ArtifactReference("", "", 0, "model")
    judged = retrained[1].reviewed
    assert judged is not None
    plain = judged.append_column("point", pa.nulls(len(judged), pa.string()))
    names = pa.array([f"{each}{IN_CONTENT}" for each in feedback["item_id"].to_pylist()])
    again = feedback.set_column(0, "item_id", names)
    again = again.append_column("point", pa.repeat(pa.scalar(BALANCED), len(again)))
    rows = pa.concat_tables([plain, again.cast(plain.schema)])
    found = cross_fit(
        rows, ComparedVersion(nowhere, *published), ComparedVersion(nowhere, *retrained), _silent
    )
    own = set(feedback.column("item_id").to_pylist())
    items = [
        JudgedItem(
            row["item_id"],
            frozenset({WITH_FEEDBACK if row["point"] or row["item_id"] in own else ORIGINAL}),
            row["relevant"] == 1,
            found[row["item_id"]].published,
            found[row["item_id"]].retrained,
        )
        for row in rows.to_pylist()
    ]
    before = [each for each in items if not each.item_id.endswith(IN_CONTENT)]
    now = [each for each in items if each.item_id not in own]
    sets, test = paired_sets(before), comparison(before).mcnemar
    return earlier_decision(sets, test), comparison(now).recommendation.decision


def _silent(_done: int, _total: int | None) -> None:
    """Take no notice."""


def report(found: list[Round]) -> None:
    """Print the mean change by round, and how often a worse version was recommended."""
    measures = ("precision", "f1", "retrained_precision", "retrained_f1")
    print(
        f"{'round':<6}{'draws':>6}" + "".join(f"{each:>24}" for each in measures) + " republished"
    )
    for number in range(1, ROUNDS + 1):
        rows = [each for each in found if each.number == number]
        shares = [_mean([getattr(each, name) for each in rows]) for name in measures]
        republished = sum(each.republished for each in rows)
        print(f"{number:<6}{len(rows):>6}" + "".join(f"{each:>24}" for each in shares), republished)
    asked = statistics.fmean([each.verdicts for each in found])
    print(
        "republish was recommended, by what the retrained version gained in F1 over the live one; "
        f"by verdicts on the content, {asked:.0f} a comparison on average, and by the earlier rule:"
    )
    for name, low, high in GAINS:
        rows = [each for each in found if low <= each.gain < high]
        if rows:
            both = [each.republished for each in rows], [each.earlier for each in rows]
            print(f"  {name:<26}{_share(both[0]):<38}{_share(both[1])}")


def _told(played: Round) -> str:
    """Return what a retraining gained in points of F1, and which rule recommended it."""
    rules = (("new rule", played.republished), ("earlier rule", played.earlier))
    by = " and ".join(name for name, recommended in rules if recommended) or "none"
    return f"{100 * played.gain:+.1f} {by} ({played.verdicts})"


def _false(played: Round) -> bool:
    return played.republished and played.gain < 0


def _share(counted: list[bool]) -> str:
    low, high = wilson_interval(sum(counted), len(counted))
    return (
        f"{sum(counted)} of {len(counted)}, {sum(counted) / len(counted):.1%} "
        f"({low:.1%} to {high:.1%})"
    )


def _mean(values: list[float]) -> str:
    mean = statistics.fmean(values)
    half = 1.96 * statistics.stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{100 * mean:+.1f} ({100 * (mean - half):+.1f} to {100 * (mean + half):+.1f})"


def main() -> int:
    """Play the rounds on every category; return 1 if too many worse versions are recommended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every eighth category, one draw")
    parser.add_argument("--part", choices=PARTS, default="claiming")
    parser.add_argument("--runs", type=int, default=3, help="draws a category")
    options = parser.parse_args()
    picked = list(categories(DOCUMENTS))[PARTS.index(options.part) :: 8 if options.quick else 2]
    found: list[Round] = []
    for category in picked:
        for run in range(1 if options.quick else options.runs):
            drawn = scene(category, run)
            if drawn is not None:
                played = list(rounds(drawn))
                found += played
                name = f"{category.corpus}/{category.name}"
                print(f"{name:<44}{'; '.join(map(_told, played))}", flush=True)
    report(found)
    worse = [each for each in found if each.gain < 0]
    return int(sum(map(_false, found)) > WRONG_AT_MOST * len(worse))


if __name__ == "__main__":
    raise SystemExit(main())
