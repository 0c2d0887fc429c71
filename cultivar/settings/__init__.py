"""Every setting of Cultivar: ``table`` declares them, ``reading`` finds their values."""

from cultivar.settings.reading import is_local, read_settings, secrets_in, system_account
from cultivar.settings.table import SETTINGS, Setting, Settings

__all__ = [
    "SETTINGS",
    "Setting",
    "Settings",
    "is_local",
    "read_settings",
    "secrets_in",
    "system_account",
]
