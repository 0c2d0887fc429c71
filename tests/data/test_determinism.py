"""The same seed writes the same bytes and times, whatever the machine's settings."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from data.sample import generate
from data.sample.generator import organisation

_SCALE = 0.05


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            stamp = 0 if name == "labels.csv" else path.stat().st_mtime_ns
            digest.update(f"{name}\0{stamp}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _generated_elsewhere(folder: Path, **environment: str) -> str:
    subprocess.run(
        [sys.executable, "-m", "data.sample", str(folder), "--scale", str(_SCALE)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    return _fingerprint(folder)


def test_hash_seed_locale_and_time_zone_change_nothing(tmp_path: Path) -> None:
    one = _generated_elsewhere(tmp_path / "one", PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")
    two = _generated_elsewhere(
        tmp_path / "two", PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C.UTF-8"
    )
    generate(tmp_path / "three", scale=_SCALE)
    assert one == two == _fingerprint(tmp_path / "three")


def test_another_seed_writes_other_documents() -> None:
    texts = [{item.document.text for item in organisation(seed, 0.01)} for seed in (0, 1)]
    assert min(len(found) for found in texts) > 900
    assert not texts[0] & texts[1]
