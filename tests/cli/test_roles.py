"""Commands about the organisation's people and its entitlement."""

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command


def test_the_entitlement_is_switched_off_and_on_again(
    labelled: Workspace, cultivar: Command
) -> None:
    assert cultivar("role", "entitlement", "off", "--json").error == "not-confirmed"
    assert cultivar("role", "entitlement", "off", "--yes").code == 0
    refused = cultivar("status")
    assert (refused.code, refused.err.partition(":")[0]) == (1, "not-entitled")
    assert "`cultivar role entitlement on`" in refused.err
    assert cultivar("role", "entitlement", "on", "--yes").code == 0
    assert cultivar("status").code == 0
