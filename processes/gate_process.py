"""The process that learns from closed batches: a line on standard input asks, a line answers.

It ends when its standard input does, and with it the server that it may have started.
"""

import json
import os
import sys
from typing import IO, Any

from cultivar.core.errors import CultivarError
from cultivar.settings import read_settings
from processes.deployments import deployed
from processes.prefect_server import server


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a library prints must not look like an answer.
    os.dup2(2, 1)
    try:
        _serve(answers)
    except CultivarError as error:
        _answer(answers, {"error": {"code": error.code, "message": error.sentence}})


def _serve(answers: IO[str]) -> None:
    with server.running(read_settings()):
        # Prefect's settings count only where they are set before it is imported
        review_gate = deployed("review_gate").load()
        for line in sys.stdin:
            request = json.loads(line)
            try:
                review_gate(request["classifier"], request["actor"])
            except CultivarError as error:
                _answer(answers, {"error": {"code": error.code, "message": error.sentence}})
            except Exception as error:  # noqa: BLE001 - its text may quote a document
                message = f"A defect of Cultivar: {type(error).__name__}. The verdicts are kept."
                _answer(answers, {"error": {"code": "defect", "message": message}})
            else:
                _answer(answers, {"done": True})


def _answer(answers: IO[str], answer: dict[str, Any]) -> None:
    print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
