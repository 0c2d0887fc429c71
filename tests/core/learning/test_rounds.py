import numpy as np

from benchmarks.alternatives import ROUNDS, Rounds
from cultivar.core.learning import rounds
from cultivar.core.learning.rounds import Material
from cultivar.core.learning.solver import Rows


def material(
    prior: float, gap: float, seed: int, strong: float = 0.0
) -> tuple[Material, np.ndarray]:
    """Return 50 positives and 600 unlabelled points near a line, and which are hidden positives."""
    generator = np.random.default_rng(seed)
    hidden = generator.random(600) < prior
    centres = np.concatenate([np.full(50, gap + strong), np.where(hidden, gap, -gap)])
    dense = generator.normal(0.0, 0.3, (650, 8))
    dense[:, 0] += centres
    nothing = np.zeros(651, dtype=np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    rows = Rows(*nothing, dense.astype(np.float32), 4)
    return Material(rows, np.repeat(np.array([1, -1], np.int8), [50, 600])), hidden


def test_hidden_positives_end_up_on_the_seeds_side() -> None:
    given, hidden = material(0.3, 0.7, 1)
    learned = rounds.learn(given, 0)
    middle = np.median(learned.evidence.positive) / 2
    assert ((learned.evidence.unlabelled > middle) == hidden).mean() > 0.97
    assert abs(learned.prior - hidden.mean()) < 0.06
    assert not learned.apart


def test_seeds_beyond_their_kind_are_called_apart() -> None:
    given, hidden = material(0.2, 0.6, 2, strong=2.0)
    learned = rounds.learn(given, 0)
    assert learned.apart
    assert learned.excess > 2.0
    scores = learned.evidence.unlabelled
    assert np.mean(scores[hidden][:, None] > scores[~hidden][None, :]) > 0.97


def test_known_labels_give_the_supervised_classifier() -> None:
    given, hidden = material(0.3, 0.7, 3)
    labelled = Material(given.rows, np.append(np.ones(50), hidden).astype(np.int8))
    linear, scores = rounds.learn_labelled(labelled, 0)
    assert ((scores > 0) == (labelled.roles == 1)).mean() > 0.97
    assert linear.dense[0] > np.abs(linear.dense[1:]).max()


def test_out_of_fold_scores_are_not_those_of_the_final_classifier() -> None:
    given, _ = material(0.3, 0.1, 4)
    learned = rounds.learn(given, 0)
    final = learned.linear.decide(given.rows, np.arange(50))
    assert final.mean() > learned.evidence.positive.mean()


def near_misses(seed: int) -> tuple[Material, np.ndarray]:
    """Return 50 positives and 600 unlabelled: 12 positives and 90 others that resemble them."""
    generator = np.random.default_rng(seed)
    kinds = np.repeat([0, 0, 1, 2], [50, 12, 90, 498])
    centres = np.array([[0.8, 0.2], [0.8, -0.2], [-0.6, 0.0]])[kinds]
    dense = generator.normal(0.0, 0.2, (650, 30))
    dense[:, :2] += centres
    nothing = np.zeros(651, dtype=np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    rows = Rows(*nothing, dense.astype(np.float32), 4)
    return Material(rows, np.repeat(np.array([1, -1], np.int8), [50, 600])), kinds == 0


def average_precision(values: np.ndarray, relevant: np.ndarray) -> float:
    found = relevant[np.argsort(-values)]
    return float(np.mean((np.cumsum(found) / np.arange(1, len(found) + 1))[found]))


def test_what_resembles_the_seeds_teaches_the_difference_where_few_are_relevant() -> None:
    def mean(learn: Rounds) -> float:
        """Return the average precision on other items of the same kinds, over three draws."""
        tested = [near_misses(seed + 10) for seed in range(3)]
        learned = [learn(near_misses(seed)[0], 0).linear for seed in range(3)]
        values = [
            each.decide(rows.rows, np.arange(650))
            for each, (rows, _) in zip(learned, tested, strict=True)
        ]
        pairs = zip(values, tested, strict=True)
        return float(np.mean([average_precision(each, truth) for each, (_, truth) in pairs]))

    assert mean(rounds.learn) > mean(ROUNDS["before"]) + 0.04
    assert not rounds.learn(near_misses(0)[0], 0).apart
