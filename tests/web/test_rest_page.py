"""The example of the REST page, typed as it stands against a real server."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.serving import CLASSES, serving, settle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the example is typed with curl"),
]
PAGE = Path(__file__).parents[2] / "docs" / "rest.md"


def test_a_project_comes_from_a_labels_file_to_a_prediction_by_curl_alone(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (commands,) = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    (file,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    key = settle(tmp_path / "home", tmp_path / "documents")
    labels = json.loads(file)
    shown = labels["assets"]["documents"][0]
    labels["assets"]["classes"] = [{"category": name} for name in CLASSES]
    labels["assets"]["documents"] = [
        shown
        | {"location": f"{name}/{path.name}", "class": {"category": name}}
        | {"text": path.read_text(encoding="utf-8")}
        for name in CLASSES
        for path in sorted((tmp_path / "documents" / name).iterdir())
    ]
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    with serving(tmp_path / "home", key) as served:
        typed = subprocess.run(
            ["bash", "-euc", commands],
            cwd=tmp_path,
            env=os.environ | {"URL": served.url, "KEY": key},
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
    answers = typed.stdout.split("\n")
    assert [json.loads(each).get("status") for each in answers[:2]] == ["succeeded", "succeeded"]
    last = json.loads(typed.stdout.strip().rpartition("\n")[2])
    (task,) = last["tasks"]["items"]
    assert task["results"]["documents"][0]["class"][0]["category"] == "contract"
