"""What a question about statuses may import, as the command line must answer at once."""

import subprocess
import sys

import pytest

HEAVY = ("pyarrow", "numba", "pandas", "sklearn", "scipy", "fsspec", "prefect", "xberg")
LIGHT = (
    "cultivar.operations.classifiers.classifiers",
    "cultivar.operations.classifiers.details",
    "cultivar.operations.gates",
    "cultivar.operations.tenant.people",
    "cultivar.operations.publishing.publishing",
    "cultivar.operations.review.verdicts",
    "cultivar.operations.runs",
    "cultivar.operations.classifier_state",
    "cultivar.operations.tenant.tenant",
)


@pytest.mark.parametrize("module", LIGHT)
def test_what_needs_no_items_imports_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print(*(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
