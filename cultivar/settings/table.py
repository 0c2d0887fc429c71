"""Every setting of Cultivar, each declared once: its type, default, bounds and help."""

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from cultivar.core.limits import DEFAULTS, Thresholds


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting: its key, type, default, and help for a person.

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


def setting(
    meaning: str, *, default: Any = None, secret: bool = False, **known: float | bool
) -> Any:
    """Return the field of one setting; ``known`` are further fields of ``Setting``."""
    facts = {"help": meaning, "default": default, "secret": secret, **known}
    return field(repr=not secret, metadata=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The active settings: one field each, declared with what a person is told of it."""

    home: Path = setting(
        "Folder of the registry, the artifacts, the logs and the Prefect server; also of "
        "config.toml, so it is set by the environment alone.",
    )
    registry_url: str = setting(
        "SQLAlchemy URL of the registry, sqlite:///… or postgresql+psycopg://…; default: SQLite "
        "in the home.",
        address=True,
    )
    artifacts_url: str = setting(
        "fsspec URL of the artifact store, such as s3://bucket/folder; default: in the home.",
        address=True,
    )
    user: str = setting(
        "Who acts on the command line: a claim. Default: the person to whom the system account is "
        "bound, else its name.",
    )
    seed: int = setting(
        "Seed of every random choice.",
        default=0,
        least=0,
        most=2**32 - 1,
    )
    workers: int = setting(
        "Processes that parse documents, and threads that score them; 0 takes one per core.",
        default=0,
        least=0,
        most=512,
    )
    parse_seconds: int = setting(
        "Longest time that parsing one file may take; large files may take it once more for "
        "every 16 MB.",
        default=30,
        least=1,
    )
    parse_memory: int = setting(
        "Most bytes of memory that one parser may use.",
        default=2_000_000_000,
        least=500_000_000,
    )
    max_bytes: int = setting(
        "Files of more bytes are listed as too large, not parsed.",
        default=100_000_000,
        least=1,
    )
    max_characters: int = setting(
        "Text beyond this many characters is cut.",
        default=1_000_000,
        least=1_000,
    )
    max_members: int = setting(
        "Messages of a mailbox, or members of an archive, that are read; what is behind them is "
        "listed as one item that is too large.",
        default=100_000,
        least=1,
    )
    ocr: bool = setting(
        "Whether text in images (tif, tiff) and scanned pages of PDF is read; needs the extra ocr "
        "and Tesseract.",
        default=False,
    )
    ocr_languages: str = setting(
        "Languages that are read there, as Tesseract names them (deu+fra); default: those whose "
        "data are installed, English first and at most four.",
        default="",
    )
    transformer: Path | None = setting(
        "Folder of a sentence-transformers model in ONNX form, which then takes the static "
        "encoder's place; needs the extra transformer.",
    )
    store_grace_days: int = setting(
        "Days for which an artifact that nothing needs any more is kept, before a store sweep "
        "removes it.",
        default=14,
        least=1,
        most=3_650,
    )
    store_sweep: bool = setting(
        "Whether the weekly store sweep removes what is due; off, it only notes what is unneeded.",
        default=True,
    )
    unlabelled_sample: int = setting(
        "Items of the baseline kept as unlabelled content.",
        default=20_000,
        least=1,
    )
    accuracy_target: float = setting(
        "Lower bound of accuracy that opens publish, 0.5 to 1.",
        default=DEFAULTS.accuracy_target,
        least=0.5,
        most=1.0,
    )
    reviews_at_least: int = setting(
        "Decided reviews that open publish, 30 to 10,000.",
        default=DEFAULTS.reviews_at_least,
        least=30,
        most=10_000,
    )
    movement_at_most: float = setting(
        "Share by which accuracy may move over the last three batches, 0 to 1.",
        default=DEFAULTS.movement_at_most,
        least=0.0,
        most=1.0,
    )
    seeds_at_least: int = setting(
        "Usable seeds that a classifier needs, 10 to 10,000.",
        default=DEFAULTS.seeds_at_least,
        least=10,
        most=10_000,
    )
    seeds_at_most: int = setting(
        "Seeds that are used, the most recently created; not below seeds_at_least.",
        default=DEFAULTS.seeds_at_most,
        least=10,
        most=10_000,
    )
    test_items_recommended: int = setting(
        "A test set of fewer items brings a warning; not above test_items_at_most.",
        default=DEFAULTS.test_items_recommended,
        least=1,
        most=100_000,
    )
    test_items_at_most: int = setting(
        "Test items that are taken; more are refused.",
        default=DEFAULTS.test_items_at_most,
        least=30,
        most=100_000,
    )
    minority_share_at_least: float = setting(
        "Share of a test set that its rarer kind must hold, 0 to 0.5.",
        default=DEFAULTS.minority_share_at_least,
        least=0.0,
        most=0.5,
    )
    seed_overlap_at_most: float = setting(
        "Share of a test folder that may equal seeds, which are left out, 0 to 1.",
        default=DEFAULTS.seed_overlap_at_most,
        least=0.0,
        most=1.0,
    )
    plausible_times_at_least: float = setting(
        "Share of items whose created time must lie between 1900 and tomorrow, 0 to 1.",
        default=DEFAULTS.plausible_times_at_least,
        least=0.0,
        most=1.0,
    )
    prefect_port: int = setting(
        "Port of the Prefect server that `cultivar up` starts.",
        default=4200,
        least=1,
        most=65_535,
    )
    web_host: str = setting(
        "Address on which `cultivar serve` listens; the default is this machine alone.",
        default="127.0.0.1",
    )
    web_port: int = setting(
        "Port on which `cultivar serve` listens; 0 takes a free one.",
        default=8800,
        least=0,
        most=65_535,
    )
    web_requests_a_minute: int = setting(
        "Requests that one key may send in a minute; more are answered with 429.",
        default=6_000,
        least=1,
    )
    web_body_bytes: int = setting(
        "Longest body of a request; a longer one is answered with 413.",
        default=50_000_000,
        least=1_000,
    )
    web_seconds: int = setting(
        "Longest time in which a request must arrive (else 408) and be answered (else 503).",
        default=60,
        least=1,
    )
    web_places: str | None = setting(
        "Places below which a request may add locations: folders and fsspec URLs, with commas "
        "between them; none without it.",
        address=True,
    )
    web_header_seconds: int = setting(
        "Longest time to the end of a request's headers, from the opening of its connection or the "
        "answer before; a slower connection is closed with 408.",
        default=10,
        least=1,
    )
    web_connections: int = setting(
        "Connections that are open at once. For a new one beyond, the one that has waited longest "
        "for a request is closed; where all are at work, it is answered with 503.",
        default=1_000,
        least=10,
    )
    web_connections_a_client: int = setting(
        "The same for one address; raise it where a proxy stands in front.",
        default=250,
        least=2,
    )
    web_waiting: int = setting(
        "Requests that may wait for a thread; one more is answered with 503.",
        default=200,
        least=1,
    )
    web_held_bytes: int = setting(
        "Bytes of requests' bodies that are held at once; more are answered with 503.",
        default=250_000_000,
        least=1_000,
    )
    web_parse_seconds: int = setting(
        "Longest time in which a document in a request is parsed.",
        default=10,
        least=1,
    )
    debug_log: bool = setting(
        "Whether a failure that nobody foresaw is kept in full in logs/debug.log of the home; "
        "it may quote documents.",
        default=False,
    )
    dask_address: str | None = setting(
        "Dask scheduler for scoring shards; default: this machine.",
    )
    backup_url: str | None = setting(
        "Folder or fsspec URL that backups go to; the nightly backup runs where it is set.",
        address=True,
    )
    # the address of a webhook often holds a token in its path
    webhook_url: str | None = setting(
        "Where the writer `webhook` sends labels; off without it.",
        secret=True,
    )
    webhook_secret: str | None = setting(
        "Shared secret that signs what is sent there.",
        secret=True,
    )
    graph_url: str = setting(
        "Root of Microsoft Graph for the writer `graph`.",
        default="https://graph.microsoft.com/v1.0",
    )
    graph_token: str | None = setting(
        "Bearer token for Microsoft Graph; the writer `graph` is off without it.",
        secret=True,
    )
    corpora: Path | None = setting(
        "Folder of real corpora for tests and benchmarks; nothing else needs it.",
    )

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
        return _masked(text) if is_secret(setting, text) else text


# What stands in a URL that holds a password or a token: user@host, or a query.
_OF_ACCOUNTS = ("@", "?")


def is_secret(setting: Setting, text: str) -> bool:
    """Tell whether the value of a setting, as text, is never shown in full."""
    holds_account = setting.address and any(mark in text for mark in _OF_ACCOUNTS)
    return bool(text) and (setting.secret or holds_account)


def _masked(text: str) -> str:
    """Return of a URL only the scheme, and of anything else nothing."""
    scheme, separator, _ = text.partition("://")
    return f"{scheme}://***" if separator else "***"


def _declared() -> tuple[Setting, ...]:
    types = get_type_hints(Settings)
    return tuple(
        Setting(each.name, _kind(types[each.name]), **each.metadata) for each in fields(Settings)
    )


def _kind(stated: Any) -> type:
    """Return T of both T and T | None."""
    return next(iter(get_args(stated)), stated)


SETTINGS = _declared()
