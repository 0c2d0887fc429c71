"""Every setting of Cultivar in one table: environment, then file, then default.

Nothing else reads the environment, and importing this module reads nothing.
"""

import math
import os
import pwd
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cultivar.core.errors import InvalidInput
from cultivar.core.limits import DEFAULTS, Thresholds


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: its key, type, default, and help for a person.

    ``least`` and ``most`` bound a number, both included. A secret is never shown in full; an
    ``address`` is one only where it may name an account.
    """

    key: str
    kind: type
    default: Any
    help: str
    secret: bool = False
    address: bool = False
    least: float = -math.inf
    most: float = math.inf

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"CULTIVAR_{self.key.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "home",
        Path,
        None,
        "Folder of the registry, the artifacts, the logs and the Prefect server; also of "
        "config.toml, so it is set by the environment alone.",
    ),
    Setting(
        "registry_url",
        str,
        None,
        "SQLAlchemy URL of the registry, sqlite:///… or postgresql+psycopg://…; "
        "default: SQLite in the home.",
        address=True,
    ),
    Setting(
        "artifacts_url",
        str,
        None,
        "fsspec URL of the artifact store, such as s3://bucket/folder; default: in the home.",
        address=True,
    ),
    Setting("user", str, None, "Who acts on the command line; default: the system account."),
    Setting("seed", int, 0, "Seed of every random choice.", least=0, most=2**32 - 1),
    Setting(
        "workers", int, 0, "Processes that parse documents; 0 takes one a core.", least=0, most=512
    ),
    Setting(
        "parse_seconds",
        int,
        30,
        "Longest time that parsing one file may take; large files may take it once more for every "
        "16 MB.",
        least=1,
    ),
    Setting(
        "parse_memory",
        int,
        2_000_000_000,
        "Most bytes of memory that one parser may use.",
        least=500_000_000,
    ),
    Setting(
        "max_bytes",
        int,
        100_000_000,
        "Files of more bytes are listed as too large, not parsed.",
        least=1,
    ),
    Setting(
        "max_characters", int, 1_000_000, "Text beyond this many characters is cut.", least=1_000
    ),
    Setting(
        "max_members",
        int,
        100_000,
        "Messages of a mailbox, or members of an archive, that are read; what is behind them is "
        "listed as one item that is too large.",
        least=1,
    ),
    Setting(
        "ocr",
        bool,
        False,
        "Whether text in images (tif, tiff) is read; needs the extra ocr and Tesseract.",
    ),
    Setting(
        "transformer",
        Path,
        None,
        "Folder of a sentence-transformers model in ONNX form, which then takes the static "
        "encoder's place; needs the extra transformer.",
    ),
    Setting(
        "unlabelled_sample",
        int,
        20_000,
        "Items of the baseline kept as unlabelled content.",
        least=1,
    ),
    Setting(
        "accuracy_target",
        float,
        DEFAULTS.accuracy_target,
        "Lower bound of accuracy that opens publish, 0.5 to 1.",
        least=0.5,
        most=1.0,
    ),
    Setting(
        "reviews_at_least",
        int,
        DEFAULTS.reviews_at_least,
        "Decided reviews that open publish, 30 to 10,000.",
        least=30,
        most=10_000,
    ),
    Setting(
        "movement_at_most",
        float,
        DEFAULTS.movement_at_most,
        "Share by which accuracy may move over the last three batches, 0 to 1.",
        least=0.0,
        most=1.0,
    ),
    Setting(
        "seeds_at_least",
        int,
        DEFAULTS.seeds_at_least,
        "Usable seeds that a classifier needs, 10 to 10,000.",
        least=10,
        most=10_000,
    ),
    Setting(
        "seeds_at_most",
        int,
        DEFAULTS.seeds_at_most,
        "Seeds that are used, the most recently created; not below seeds_at_least.",
        least=10,
        most=10_000,
    ),
    Setting(
        "test_items_recommended",
        int,
        DEFAULTS.test_items_recommended,
        "A test set of fewer items brings a warning; not above test_items_at_most.",
        least=1,
        most=100_000,
    ),
    Setting(
        "test_items_at_most",
        int,
        DEFAULTS.test_items_at_most,
        "Test items that are taken; more are refused.",
        least=30,
        most=100_000,
    ),
    Setting(
        "minority_share_at_least",
        float,
        DEFAULTS.minority_share_at_least,
        "Share of a test set that its rarer kind must hold, 0 to 0.5.",
        least=0.0,
        most=0.5,
    ),
    Setting(
        "seed_overlap_at_most",
        float,
        DEFAULTS.seed_overlap_at_most,
        "Share of a test folder that may equal seeds, which are left out, 0 to 1.",
        least=0.0,
        most=1.0,
    ),
    Setting(
        "plausible_times_at_least",
        float,
        DEFAULTS.plausible_times_at_least,
        "Share of items whose created time must lie between 1900 and tomorrow, 0 to 1.",
        least=0.0,
        most=1.0,
    ),
    Setting(
        "prefect_port",
        int,
        4200,
        "Port of the Prefect server that `cultivar up` starts.",
        least=1,
        most=65_535,
    ),
    Setting(
        "web_host",
        str,
        "127.0.0.1",
        "Address on which `cultivar serve` listens; the default is this machine alone.",
    ),
    Setting(
        "web_port",
        int,
        8800,
        "Port on which `cultivar serve` listens; 0 takes a free one.",
        least=0,
        most=65_535,
    ),
    Setting(
        "web_requests_a_minute",
        int,
        6_000,
        "Requests that one key may send in a minute; more are answered with 429.",
        least=1,
    ),
    Setting(
        "web_body_bytes",
        int,
        50_000_000,
        "Longest body of a request; a longer one is answered with 413.",
        least=1_000,
    ),
    Setting(
        "web_seconds",
        int,
        60,
        "Longest time in which a request must arrive (else 408) and be answered (else 503).",
        least=1,
    ),
    Setting(
        "debug_log",
        bool,
        False,
        "Whether a failure that nobody foresaw is kept in full in logs/debug.log of the home; it "
        "may quote documents.",
    ),
    Setting("dask_address", str, None, "Dask scheduler for scoring shards; default: this machine."),
    # the address of a webhook often holds a token in its path
    Setting(
        "webhook_url",
        str,
        None,
        "Where the writer `webhook` sends labels; off without it.",
        secret=True,
    ),
    Setting(
        "webhook_secret", str, None, "Shared secret that signs what is sent there.", secret=True
    ),
    Setting(
        "graph_url",
        str,
        "https://graph.microsoft.com/v1.0",
        "Root of Microsoft Graph for the writer `graph`.",
    ),
    Setting(
        "graph_token",
        str,
        None,
        "Bearer token for Microsoft Graph; the writer `graph` is off without it.",
        secret=True,
    ),
    Setting(
        "corpora",
        Path,
        None,
        "Folder of real corpora for tests and benchmarks; nothing else needs it.",
    ),
)

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


@dataclass(frozen=True, slots=True)
class Settings:
    """The active settings; see ``SETTINGS`` for what each means."""

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
    max_members: int
    ocr: bool
    transformer: Path | None
    unlabelled_sample: int
    accuracy_target: float
    reviews_at_least: int
    movement_at_most: float
    seeds_at_least: int
    seeds_at_most: int
    test_items_recommended: int
    test_items_at_most: int
    minority_share_at_least: float
    seed_overlap_at_most: float
    plausible_times_at_least: float
    prefect_port: int
    web_host: str
    web_port: int
    web_requests_a_minute: int
    web_body_bytes: int
    web_seconds: int
    debug_log: bool
    dask_address: str | None
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    graph_url: str = "https://graph.microsoft.com/v1.0"
    graph_token: str | None = field(default=None, repr=False)
    corpora: Path | None = None

    @property
    def thresholds(self) -> Thresholds:
        """What the gates ask for."""
        return Thresholds(**{each.name: getattr(self, each.name) for each in fields(Thresholds)})

    def shown(self) -> dict[str, str]:
        """Return every setting as text for a person, secrets masked, unset ones empty."""
        return {setting.key: self._shown(setting) for setting in SETTINGS}

    def _shown(self, setting: Setting) -> str:
        value = getattr(self, setting.key)
        text = "" if value is None else str(value)
        return _masked(text) if _is_secret(setting, text) else text


# What stands in a URL that holds a password or a token: user@host, or a query.
_OF_ACCOUNTS = ("@", "?")


def _is_secret(setting: Setting, text: str) -> bool:
    holds_account = setting.address and any(mark in text for mark in _OF_ACCOUNTS)
    return bool(text) and (setting.secret or holds_account)


def _masked(text: str) -> str:
    """Return of a URL only the scheme, and of anything else nothing."""
    scheme, separator, _ = text.partition("://")
    return f"{scheme}://***" if separator else "***"


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
        "registry_url": f"sqlite:///{values['home'] / 'registry.db'}",
        "artifacts_url": str(values["home"] / "artifacts"),
    }
    values |= {key: _absolute(values[key] or default) for key, default in in_home.items()}
    values["user"] = values["user"] or _account(environment)
    return _in_order(Settings(**values))


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
    """Return who the system says that acts; a number only where the account has no name."""
    return environment.get("USER") or environment.get("LOGNAME") or _account_name(os.getuid())


def _account_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user-{number}"


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
    return [each.key for each in settings if _is_secret(each, str(stated[each.key]))]


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
