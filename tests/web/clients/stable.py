"""Run by the interpreter of an environment with the stable client: single and multi label.

``python stable.py URL KEY FOLDER``; the projects ``Single`` and ``Multi`` answer under
``production``. It asserts, and prints what it did, one word a line.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure.ai.textanalytics import TextAnalyticsApiVersion, TextAnalyticsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

URL, KEY, FOLDER = sys.argv[1:4]
CLASSES = ("contract", "everyday", "harvest")
TEXTS = {each: (Path(FOLDER) / each / "019.txt").read_text() for each in CLASSES}


def client(key: str = KEY, version: str | None = None) -> TextAnalyticsClient:
    more = {"api_version": version} if version else {}
    return TextAnalyticsClient(
        URL, AzureKeyCredential(key), polling_interval=0.2, retry_total=0, **more
    )


def raised(kind: type[HttpResponseError], call: Callable[[], Any]) -> Any:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def documents() -> list[dict[str, str]]:
    return [{"id": each, "text": text, "language": "en"} for each, text in TEXTS.items()]


def single(version: str | None) -> None:
    poller = client(version=version).begin_single_label_classify(
        documents(), project_name="Single", deployment_name="production", show_stats=True,
        display_name="A test",
    )  # fmt: skip
    found = list(poller.result())
    assert [each.id for each in found] == list(CLASSES)
    for each in found:
        assert not each.is_error
        assert [one.category for one in each.classifications] == [each.id]
        assert each.statistics.character_count == len(TEXTS[each.id])
        assert 0 < each.classifications[0].confidence_score <= 1
    assert poller.details["display_name"] == "A test"
    assert poller.details["expires_on"] > poller.details["created_on"]


def multi() -> None:
    poller = client().begin_multi_label_classify(
        documents(), project_name="Multi", deployment_name="production"
    )
    for each in poller.result():
        assert each.id in [one.category for one in each.classifications]


def several_actions() -> None:
    from azure.ai.textanalytics import MultiLabelClassifyAction, SingleLabelClassifyAction

    actions = [
        SingleLabelClassifyAction(project_name="Single", deployment_name="production"),
        MultiLabelClassifyAction(project_name="Multi", deployment_name="production"),
    ]
    results = list(client().begin_analyze_actions(documents(), actions=actions).result())
    assert [[each.kind for each in of_document] for of_document in results] == [
        ["CustomDocumentClassification", "CustomDocumentClassification"]
    ] * 3


def bad_documents() -> None:
    given = [*documents(), {"id": "empty", "text": "  "}, {"id": "long", "text": "a " * 62_501}]
    poller = client().begin_single_label_classify(
        given, project_name="Single", deployment_name="production"
    )
    found = {each.id: each for each in poller.result()}
    assert [name for name, each in found.items() if each.is_error] == ["empty", "long"]
    assert "125,000" in found["long"].error.message


def errors() -> None:
    def ask(key: str = KEY, project: str = "Single", count: int = 1) -> Any:
        given = [f"text {number}" for number in range(count)]
        return client(key).begin_single_label_classify(
            given, project_name=project, deployment_name="production"
        )

    raised(ClientAuthenticationError, lambda: ask(key="wrong"))
    raised(ResourceNotFoundError, lambda: ask(project="nothing"))
    assert "at most 25" in str(raised(HttpResponseError, lambda: ask(count=26)))
    assert "multi-label" in str(raised(HttpResponseError, lambda: ask(project="Multi")))


def cancel() -> None:
    poller = client().begin_single_label_classify(
        documents(), project_name="Single", deployment_name="production"
    )
    poller.cancel()
    assert len(list(poller.result())) == 3


if __name__ == "__main__":
    single(None)
    single(TextAnalyticsApiVersion.V2022_05_01)
    print("single")
    multi()
    print("multi")
    several_actions()
    print("actions")
    bad_documents()
    print("documents")
    errors()
    print("errors")
    cancel()
    print("cancel")
