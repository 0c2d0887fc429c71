"""Seeds that are the strong end of their kind are told from random members of it."""

import numpy as np
import pytest

from cultivar.core.learning.estimates.standing import are_strong


@pytest.mark.parametrize("run", range(5))
def test_the_strongest_members_are_told_from_random_ones(run: int) -> None:
    generator = np.random.default_rng(run)
    members = np.sort(generator.normal(4.0, 1.5, 300))
    content = generator.normal(0.0, 1.0, 2_000)
    mixed = generator.permutation(members)
    assert not are_strong(mixed[:50], np.append(content, mixed[50:]), 0.05)
    assert are_strong(members[-50:], np.append(content, members[:-50]), 0.003)
    # a form: all members are alike, and the content holds more of them
    forms = generator.normal(8.0, 0.3, 150)
    assert not are_strong(forms[:50], np.append(content, forms[50:]), 0.05)


def test_seeds_that_do_not_stand_above_content_are_no_strong_ones() -> None:
    content = np.linspace(-1.0, 1.0, 100)
    assert not are_strong(content - 3.0, content, 0.01)
    assert not are_strong(content[:0], content, 0.01)
