"""Throughput and latency of predictions over REST, beside the bare library call.

``python -m benchmarks.serving`` starts `cultivar serve` and clients in processes of their own, on
the same machine; it prints p50, p95 and p99 at 1, 8 and 32 clients for short and long documents,
and of fetching a result. It ends with 1 where the route adds more than 5 ms at p50 to the bare call
with one client, a result takes longer than that to fetch, a request is lost, or 32 clients get
less than the throughput of 8.

A prediction is answered by a head alone, a result by a head and a body: only the second shows an
answer whose body waits for the client to acknowledge its head.
"""

import argparse
import http.client
import json
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cultivar import Client
from cultivar.operations.projects.predicting import Predictor
from cultivar.store.workspace import open_workspace
from tests.small import COMMON, CONTRACT
from tests.web.conftest import settings_of
from tests.web.serving import Served, labels, serving, settle

CLIENTS = (1, 8, 32)
LENGTHS = {"short": 60, "long": 6_000}  # words; about 400 bytes and 40 KB
ROUNDS = 3
ADDED_AT_MOST = 5.0  # milliseconds
THROUGHPUT_NOISE = 0.95  # two runs of the same load differ by a few per cent
PATH = "/language/analyze-text/jobs?api-version=2023-04-01"
PLACE = {"projectName": "P", "deploymentName": "production"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies in milliseconds, requests that failed, and requests a second."""

    latencies: list[float]
    lost: int
    a_second: float

    def joined(self, other: "Measured") -> "Measured":
        """Return both as one round; each of the ``ROUNDS`` adds its part of a second's requests."""
        return Measured(
            self.latencies + other.latencies,
            self.lost + other.lost,
            self.a_second + other.a_second / ROUNDS,
        )

    def percentile(self, share: float) -> float:
        """Return the latency below which that share of the requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def shown(self) -> str:
        """Return the figures as a line's end."""
        figures = " ".join(
            f"{name} {self.percentile(share):7.1f} ms"
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        )
        return f"{figures}  {self.a_second:7.0f} a second  lost {self.lost}"


def text_of(words: int) -> str:
    """Return a document of as many words."""
    draw = random.Random(words)
    return " ".join(draw.choice(CONTRACT * 3 + COMMON * 2) for _ in range(words))


def body_of(text: str) -> bytes:
    """Return a prediction request for one document."""
    task = {"kind": "CustomSingleLabelClassification", "parameters": PLACE}
    documents = [{"id": "1", "language": "en", "text": text}]
    return json.dumps({"analysisInput": {"documents": documents}, "tasks": [task]}).encode()


class Caller:
    """One client that keeps its connection."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._headers = {
            "Ocp-Apim-Subscription-Key": key,
            "Content-Type": "application/json",
        }

    def call(self, path: str, body: bytes | None) -> int:
        """Send a request, a GET where it has no body, and return its status."""
        self._connection.request("POST" if body else "GET", path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def load(url: str, key: str, asked: tuple[str, bytes | None], shape: tuple[int, float]) -> Measured:
    """Let clients send one request after another for some seconds."""
    clients, seconds = shape
    found: list[list[float]] = [[] for _ in range(clients)]
    lost = [0] * clients
    gate = threading.Barrier(clients)

    def work(number: int) -> None:
        caller = Caller(url, key)
        caller.call(*asked)
        gate.wait()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            status = caller.call(*asked)
            found[number].append((time.perf_counter() - began) * 1e3)
            lost[number] += status >= 300
        caller.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    latencies = [each for of_one in found for each in of_one]
    return Measured(latencies, sum(lost), len(latencies) / seconds)


def _apart(results: Any, *arguments: Any) -> None:
    results.put(load(*arguments))


def load_apart(*arguments: Any) -> Measured:
    """Run ``load`` in a process of its own, so that clients and server share no interpreter."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=_apart, args=(results, *arguments))
    process.start()
    measured: Measured = results.get()
    process.join()
    return measured


def bare(call: Callable[[], object], seconds: float) -> Measured:
    """Measure the library call without a server."""
    call()
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        call()
        latencies.append((time.perf_counter() - began) * 1e3)
    return Measured(latencies, 0, len(latencies) / sum(latencies) * 1e3)


def measure(server: Served, seconds: float) -> list[str]:
    """Print the table and return what was missed."""
    missed: list[str] = []
    with open_workspace(settings_of(server.home)) as workspace:
        predictor = Predictor(workspace)
        for name, words in LENGTHS.items():
            text = text_of(words)
            alone = bare(
                lambda text=text: predictor.classify("alex", "P", "production", [text]),  # type: ignore[misc]
                seconds,
            )
            print(f"{name:5}  library     {alone.shown()}", flush=True)
            rows = {clients: Measured([], 0, 0.0) for clients in CLIENTS}
            # by turns, so that what else the machine does falls on all of them
            for clients in CLIENTS * ROUNDS:
                shape = (clients, seconds / ROUNDS)
                found = load_apart(server.url, server.key, (PATH, body_of(text)), shape)
                rows[clients] = rows[clients].joined(found)
            for clients, row in rows.items():
                print(f"{name:5}  {clients:2} clients  {row.shown()}", flush=True)
            missed += _missed(name, alone, rows)
    return missed + fetched(server, seconds)


def fetched(server: Served, seconds: float) -> list[str]:
    """Measure how long one client waits for a result, print it and return what was missed."""
    job = submitted(server)
    found = load_apart(server.url, server.key, (job, None), (1, seconds))
    print(f"result  1 client   {found.shown()}", flush=True)
    took = found.percentile(0.5)
    missed = ["result: requests were lost"] if found.lost else []
    if took > ADDED_AT_MOST:
        missed.append(f"result: {took:.1f} ms to fetch, at most {ADDED_AT_MOST} wanted")
    return missed


def submitted(server: Served) -> str:
    """Classify a short document and return the path of its result."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Ocp-Apim-Subscription-Key": server.key, "Content-Type": "application/json"}
    connection.request("POST", PATH, body_of(text_of(LENGTHS["short"])), headers)
    job = urlsplit(connection.getresponse().headers["operation-location"])
    connection.close()
    return f"{job.path}?{job.query}"


def _missed(name: str, alone: Measured, rows: dict[int, Measured]) -> list[str]:
    added = rows[1].percentile(0.5) - alone.percentile(0.5)
    print(f"{name:5}  the route adds {added:.1f} ms at p50 with one client", flush=True)
    found = []
    if added > ADDED_AT_MOST:
        found.append(f"{name}: {added:.1f} ms added, at most {ADDED_AT_MOST} wanted")
    if any(row.lost for row in rows.values()):
        found.append(f"{name}: requests were lost")
    if rows[32].a_second < THROUGHPUT_NOISE * rows[8].a_second:
        found.append(f"{name}: 32 clients get less than 8")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements and print them; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--seconds", type=float, default=9.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
        home = Path(scratch) / "home"
        key = settle(home, Path(scratch) / "documents")
        with serving(home, key, CULTIVAR_WEB_REQUESTS_A_MINUTE="10000000") as server:
            with Client(server.url, key) as client:
                client.import_labels("P", labels("CustomSingleLabelClassification"))
                client.train("P", "M")
                client.deploy("P", "production", "M")
            missed = measure(server, options.seconds)
            server.stop()
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
