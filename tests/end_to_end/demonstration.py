"""The demonstration as a person runs it, in a home of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def demo(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the demonstration to its end and return what it answers."""
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    return subprocess.run(
        [sys.executable, "-m", "cli", "demo", *arguments, "--json"],
        env=environment | {"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"},
        capture_output=True,
        text=True,
        timeout=1_000,
        check=False,
    )


def report_of(answer: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Return the report of a demonstration that ended well."""
    assert answer.returncode == 0, answer.stderr[-3_000:]
    return dict(json.loads(answer.stdout)["demo"])
