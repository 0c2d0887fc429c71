"""One runner for a home: the second is refused at once, and the lock ends with its holder."""

import pytest

from cultivar.core.errors import Conflict
from cultivar.settings import Settings
from processes.one_runner import only_runner
from processes.up import up


def test_a_second_one_names_the_address_of_the_first_and_starts_nothing(settings: Settings) -> None:
    with only_runner(settings.home) as named:
        with pytest.raises(Conflict, match="by another process already"):
            up(settings, print)
        named("http://127.0.0.1:4200")
        for _ in range(2):
            with pytest.raises(Conflict, match=r"at http://127\.0\.0\.1:4200 already") as refused:
                up(settings, print)
            assert refused.value.code == "already-running"
    assert not (settings.home / "logs").exists()
    with only_runner(settings.home), pytest.raises(Conflict, match="by another process"):
        up(settings, print)
