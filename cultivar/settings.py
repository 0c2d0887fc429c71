"""Every setting of Cultivar in one table: environment, then file, then default.

Nothing else reads the environment, and importing this module reads nothing.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cultivar.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: its key, type, default, and help for a person."""

    key: str
    kind: type
    default: Any
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"CULTIVAR_{self.key.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting("home", Path, None, "Folder of the registry, the artifacts and the Prefect server."),
    Setting("registry_url", str, None, "SQLAlchemy URL; default: SQLite in the home.", secret=True),
    Setting("artifacts_url", str, None, "fsspec URL of the artifact store; default: in the home."),
    Setting("user", str, None, "Who acts on the command line; default: the system account."),
    Setting("seed", int, 0, "Seed of every random choice."),
    Setting("workers", int, 0, "Processes that parse documents; 0 takes one a core."),
    Setting("parse_seconds", int, 30, "Longest time that parsing one file may take."),
    Setting("parse_memory", int, 2_000_000_000, "Most bytes of memory that one parser may use."),
    Setting("max_bytes", int, 100_000_000, "Larger files are listed as too large, not parsed."),
    Setting("max_characters", int, 1_000_000, "Text beyond this many characters is cut."),
    Setting("unlabelled_sample", int, 20_000, "Items of the baseline kept as unlabelled content."),
    Setting("accuracy_target", float, 0.80, "Lower bound of accuracy that opens publish."),
    Setting("prefect_port", int, 4200, "Port of the Prefect server that `cultivar up` starts."),
    Setting("dask_address", str, None, "Dask scheduler for scoring shards; default: this machine."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; see ``SETTINGS`` for what each means."""

    home: Path
    registry_url: str
    artifacts_url: str
    user: str
    seed: int
    workers: int
    parse_seconds: int
    parse_memory: int
    max_bytes: int
    max_characters: int
    unlabelled_sample: int
    accuracy_target: float
    prefect_port: int
    dask_address: str | None

    def shown(self) -> dict[str, str]:
        """Return every setting as text for a person, secrets masked."""
        masked = {setting.key for setting in SETTINGS if setting.secret}
        return {
            field.name: "***" if field.name in masked else str(getattr(self, field.name))
            for field in fields(self)
        }


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, then ``config.toml`` in the home, then the defaults.

    Raises:
        InvalidInput: a value is not of its setting's type, or the file names an unknown setting.
    """
    environment = os.environ if environment is None else environment
    home = Path(environment.get("CULTIVAR_HOME") or _default_home(environment)).expanduser()
    values: dict[str, Any] = {setting.key: setting.default for setting in SETTINGS}
    values |= _from_file(home / "config.toml") | _from_environment(environment)
    values["home"] = home
    values["registry_url"] = values["registry_url"] or f"sqlite:///{home / 'registry.db'}"
    values["artifacts_url"] = values["artifacts_url"] or str(home / "artifacts")
    values["user"] = values["user"] or _account(environment)
    return Settings(**values)


def _default_home(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path("~/.local/share")) / "cultivar"


def _account(environment: Mapping[str, str]) -> str:
    return environment.get("USER") or environment.get("LOGNAME") or f"user-{os.getuid()}"


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        setting.key: _converted(setting, environment[setting.variable], setting.variable)
        for setting in SETTINGS
        if environment.get(setting.variable)
    }


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    known = {setting.key: setting for setting in SETTINGS}
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("bad-settings", f"{path} is not valid TOML: {error}.") from error
    unknown = sorted(set(stated) - set(known))
    if unknown:
        raise InvalidInput(
            "unknown-setting",
            f"{path} sets {', '.join(unknown)}, which Cultivar does not know. "
            f"Known settings: {', '.join(sorted(known))}.",
        )
    return {key: _converted(known[key], value, f"{key} in {path}") for key, value in stated.items()}


def _converted(setting: Setting, value: object, origin: str) -> Any:
    try:
        return setting.kind(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            "bad-setting",
            f"{origin} is {value!r}, which is not a valid {setting.kind.__name__}. {setting.help}",
            {"setting": setting.key},
        ) from error
