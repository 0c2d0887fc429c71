"""Whether two versions of Cultivar answer alike over the same home: REST and the command line.

``python benchmarks/answers.py record HOME FILE`` copies a home, asks the version whose Python runs
this everything that can be read, and writes the answers; ``… compare FILE FILE`` prints what
differs and ends with 1 if anything does. It imports nothing of Cultivar, so that a version of long
ago can be asked, and needs a home with a published classifier, a policy and a project.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

CULTIVAR = str(Path(sys.executable).parent / "cultivar")
SKIPPED = ("/healthz", "/metrics", "/openapi.json")
TEXTS = (
    "This supplier agreement is governed by the law of Norway.",
    "I am writing to complain about the delivery that never arrived.",
    "Minutes of the meeting of the garden club, held on Tuesday evening.",
    "",
)
# what is different in each run, whatever the version: moments of this run and the server's port
MOMENTS = re.compile(
    r'"(?:last_used|allowed_at|aggregated_at|at|opened_at|expires_at|key)": ?"[^"]*"'
)
PLACES = re.compile(r"http://127\.0\.0\.1:\d+")
ITEMS = 12


def main() -> None:
    """Record the answers of one version, or compare those of two."""
    command, *rest = sys.argv[1:]
    if command == "record":
        record(Path(rest[0]), Path(rest[1]))
    else:
        sys.exit(compare(Path(rest[0]), Path(rest[1])))


def record(home: Path, target: Path) -> None:
    """Ask a copy of a home, and write the answers to a file."""
    with tempfile.TemporaryDirectory() as folder:
        # the same path in every run, as answers may name it
        copy = Path(folder).parent / "cultivar-answers"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy, symlinks=True)
        try:
            environment = os.environ | {"CULTIVAR_HOME": str(copy)}
            _typed(environment, "explore", "refresh")
            answers = commands(environment) | requests(environment)
        finally:
            shutil.rmtree(copy, ignore_errors=True)
    target.write_text(json.dumps(answers, indent=1), encoding="utf-8")
    print(
        f"{len(answers)} answers, of them {sum(key.startswith('HTTP') for key in answers)} by REST"
    )


def compare(before: Path, after: Path) -> int:
    """Print the answers that differ; return 1 if any does."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    old, new = ({key: _stable(said) for key, said in each.items()} for each in (old, new))
    different = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    for key in different:
        print(f"{key}\n  before: {_short(old.get(key))}\n  after:  {_short(new.get(key))}")
    print(f"{len(old)} answers before, {len(new)} after, {len(different)} different")
    return 1 if different else 0


def commands(environment: dict[str, str]) -> dict[str, str]:
    """Return what the commands that only read answer as JSON."""
    classifiers = [each["id"] for each in _json(environment, "status")["classifiers"]]
    policies = [each["name"] for each in _json(environment, "policy", "list")["policies"]]
    typed = [
        ["status"], ["location", "list"], ["policy", "list"], ["explore", "list"],
        ["explore", "groups"], ["explore", "counts"], ["role", "list"], ["gate", "list"],
        ["project", "list"], ["key", "list"], ["audit", "list"], ["retrain", "list"],
        ["artifacts", "list"], ["settings"], ["status", "no-such-classifier"],
        ["explore", "list", "--sort", "x"],
    ]  # fmt: skip
    for name in classifiers:
        typed += [
            [*words, name]
            for words in (
                ["status"], ["gate", "show"], ["retrain", "status"], ["retrain", "overview"],
                ["release", "report"], ["feedback", "--list"], ["review", "--list"], ["publish"],
            )
        ]  # fmt: skip
    typed += [["policy", "show", name] for name in policies]
    return {
        f"$ cultivar {' '.join(words)}": _stable(_typed(environment, *words)) for words in typed
    }


def requests(environment: dict[str, str]) -> dict[str, str]:
    """Return what the server answers to every route that reads, and to texts to classify."""
    key = _json(environment, "key", "create", "answers")["key"]
    server = subprocess.Popen(
        [CULTIVAR, "serve", "--port", "0", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        return _requests(_first_object(server)["url"], key)
    finally:
        server.terminate()
        server.wait()


def _requests(url: str, key: str) -> dict[str, str]:
    def ask(path: str, body: Any = None) -> str:
        return _ask(url + path, key, body)

    def names(path: str, field: str) -> list[str]:
        return [str(each[field]) for each in json.loads(ask(path).partition("\n")[2])["items"]]

    api = "/api/v1"
    known = {
        "name": names(f"{api}/classifiers", "id"),
        "policy": names(f"{api}/policies", "name"),
        "item": names(f"{api}/explorer/items?limit={ITEMS}", "item_id"),
    }
    paths = sorted(json.loads(ask("/openapi.json").partition("\n")[2])["paths"].items())
    wanted = [
        filled
        for path, methods in paths
        if "get" in methods and path not in SKIPPED
        for filled in _filled(path, known)
    ]
    wanted += [f"{api}/explorer/items?limit={number}" for number in (1, 2, 5, 10, 0, 501)]
    wanted += [f"{api}/nowhere", f"{api}/classifiers/nobody", f"{api}/explorer/items?sort=x"]
    answers = {f"HTTP GET {path}": _stable(ask(path)) for path in wanted}
    for number, text in enumerate(TEXTS):
        answers[f"HTTP classify {number}"] = _stable(ask(f"{api}/classify", {"text": text}))
    return answers


def _filled(path: str, known: dict[str, list[str]]) -> list[str]:
    parts = re.findall(r"{(\w+)}", path)
    if not parts:
        return [path]
    values = known["policy"] if "/policies/" in path else known.get(parts[0], ["P"])
    filled = [path.replace("{" + parts[0] + "}", urllib.parse.quote(each)) for each in values]
    return [whole for each in filled for whole in _filled(each, known)]


def _ask(url: str, key: str, body: Any) -> str:
    version = (
        {} if "api-version" in url or "/language/" not in url else {"api-version": "2023-04-01"}
    )
    asked = urllib.request.Request(  # noqa: S310 - loopback
        url + ("?" + urllib.parse.urlencode(version) if version else ""),
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
            return f"{answer.status}\n{answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code}\n{error.read().decode()}"


def _typed(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [CULTIVAR, *words, "--json"],
        env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return f"{done.returncode}\n{done.stdout}"


def _json(environment: dict[str, str], *words: str) -> Any:
    return json.loads(_typed(environment, *words).partition("\n")[2])


def _first_object(server: "subprocess.Popen[str]") -> Any:
    lines = ""
    for line in server.stdout or ():
        lines += line
        if line.rstrip() == "}":
            return json.loads(lines)
    raise SystemExit(f"the server ended before it was ready: {lines}")


def _stable(answer: str) -> str:
    return PLACES.sub("http://HERE", MOMENTS.sub('"at": "THEN"', answer))


def _short(answer: str | None) -> str:
    return " ".join((answer or "none").split())[:300]


if __name__ == "__main__":
    main()
