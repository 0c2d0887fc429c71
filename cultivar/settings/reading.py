"""Read the settings: the environment, then ``config.toml`` of the home, then the default.

Nothing else reads the environment, and importing this module reads nothing.
"""

import math
import os
import pwd
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cultivar.core.errors import InvalidInput
from cultivar.settings.table import SETTINGS, Setting, Settings, is_secret

# What may stand in config.toml for each type; a whole number is also a number.
_STATED_AS: dict[type, tuple[type, ...]] = {
    Path: (str,),
    str: (str,),
    int: (int,),
    float: (float, int),
    bool: (bool,),
}
_ALLOWED = {int: "a whole number", float: "a number", Path: "a path", bool: "true or false"}
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, then ``config.toml`` in the home, then the defaults.

    Raises:
        InvalidInput: a value is not of its setting's type or out of its bounds, two contradict each
            other, or the file is not readable or names an unknown setting.
    """
    environment = os.environ if environment is None else environment
    home = Path(environment.get("CULTIVAR_HOME") or _default_home(environment)).expanduser()
    values: dict[str, Any] = {setting.key: setting.default for setting in SETTINGS}
    values |= _from_file(home / "config.toml") | _from_environment(environment)
    values["home"] = home.absolute()
    in_home = {
        "registry_url": f"sqlite:///{_in_a_url(values['home'] / 'registry.db')}",
        "artifacts_url": str(values["home"] / "artifacts"),
    }
    values |= {key: _absolute(values[key] or default) for key, default in in_home.items()}
    values["user"] = values["user"] or _account(environment)
    return _in_order(Settings(**values))


def _in_a_url(path: Path) -> str:
    """Return a path as a URL holds it: what would end it there, or stand for something else."""
    return str(path).replace("%", "%25").replace("?", "%3F")


# Each pair: the setting that may not be above the other.
_ORDERED = (
    ("seeds_at_least", "seeds_at_most"),
    ("test_items_recommended", "test_items_at_most"),
)


def _in_order(settings: Settings) -> Settings:
    """Return the settings themselves when none contradicts another."""
    for lower, upper in _ORDERED:
        low, high = getattr(settings, lower), getattr(settings, upper)
        if low > high:
            raise InvalidInput(
                "bad-setting",
                f"{lower} is {low:,} and {upper} is {high:,}: the first may not be above the "
                "second. `cultivar settings --help` says where each is set.",
                {"setting": lower},
            )
    return settings


def is_local(place: str) -> bool:
    """Tell whether a path or URL names a file or folder of this machine."""
    return "://" not in place or place.startswith(("sqlite", "file://"))


def _absolute(place: str) -> str:
    """Return a place that stays the same wherever a process of Cultivar works."""
    if not is_local(place):
        return place
    scheme, separator, path = place.partition("://")
    if not separator:
        return str(Path(place).expanduser().absolute())
    # sqlite:///relative.db and sqlite:////absolute.db; file://relative and file:///absolute
    path = path.removeprefix("/") if scheme.startswith("sqlite") else path
    if not path or path.startswith(("/", ":", "file:")):
        return place
    root = "/" if scheme.startswith("sqlite") else ""
    return f"{scheme}://{root}{Path.cwd() / path}"


def _default_home(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path("~/.local/share")) / "cultivar"


def _account(environment: Mapping[str, str]) -> str:
    """Return who the system says that acts; where its account has no name, what is claimed."""
    claimed = environment.get("USER") or environment.get("LOGNAME")
    return system_account() or claimed or f"user-{os.getuid()}"


def system_account() -> str | None:
    """Return the name of the account that this process runs under; None where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        setting.key: _converted(setting, environment[setting.variable], setting.variable)
        for setting in SETTINGS
        if environment.get(setting.variable)
    }


def secrets_in(file: Path) -> list[str]:
    """Return the settings that a ``config.toml`` states and that are never shown in full."""
    stated = _from_file(file)
    settings = [each for each in SETTINGS if each.key in stated]
    return [each.key for each in settings if is_secret(each, str(stated[each.key]))]


def _from_file(path: Path) -> dict[str, Any]:
    stated = _toml(path)
    known = {setting.key: setting for setting in SETTINGS if setting.key != "home"}
    unknown = sorted(set(stated) - set(known))
    if unknown:
        raise InvalidInput(
            "unknown-setting",
            f"{path} sets {', '.join(unknown)}, which it cannot. "
            f"It may set: {', '.join(sorted(known))}.",
        )
    return {key: _stated(known[key], value, f"{key} in {path}") for key, value in stated.items()}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("bad-settings", f"{path} is not valid TOML: {error}.") from error
    except OSError as error:
        raise InvalidInput(
            "bad-settings", f"{path} cannot be read: {error.strerror or type(error).__name__}."
        ) from error


def _stated(setting: Setting, value: object, origin: str) -> Any:
    # To Python a truth value is a whole number too.
    is_switch = isinstance(value, bool)
    if is_switch != (setting.kind is bool) or not isinstance(value, _STATED_AS[setting.kind]):
        raise _bad(setting, value, origin)
    return _converted(setting, value, origin)


def _converted(setting: Setting, value: object, origin: str) -> Any:
    try:
        found = _SWITCHES[str(value).lower()] if setting.kind is bool else setting.kind(value)
    except (TypeError, ValueError, KeyError) as error:
        raise _bad(setting, value, origin) from error
    if isinstance(found, Path):
        return found.expanduser().absolute()
    if isinstance(found, int | float) and not setting.least <= found <= setting.most:
        raise _bad(setting, value, origin)
    return found


def _bad(setting: Setting, value: object, origin: str) -> InvalidInput:
    shown = "***" if setting.secret or setting.address else repr(value)[:100]
    return InvalidInput(
        "bad-setting",
        f"{origin} is {shown}, which is not {_allowed(setting)}. {setting.help}",
        {"setting": setting.key},
    )


def _allowed(setting: Setting) -> str:
    kind = _ALLOWED.get(setting.kind, "text")
    least = f" of at least {setting.least:,}" if math.isfinite(setting.least) else ""
    most = f" and at most {setting.most:,}" if math.isfinite(setting.most) else ""
    return kind + least + most
