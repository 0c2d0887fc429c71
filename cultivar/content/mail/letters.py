"""What a mail is made of, whatever program wrote it. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cultivar.content.documents.characters.charsets import Guess


@dataclass(frozen=True, slots=True)
class Inner:
    """What was read of a file that hangs on a mail: ``text`` is None where nothing was."""

    text: str | None
    status: str
    own_text: str | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that hangs on a mail: its name, and the media type and charset that the mail states.

    ``stated`` is what the mail says of content of S/MIME.
    """

    name: str
    kind: str
    charset: str | None
    data: bytes
    stated: str = ""


ReadFile = Callable[[Attached], Iterable[Inner]]


@dataclass(slots=True)
class Letter:
    """One message: its header lines, its body, the mails and files in it, and what is missing."""

    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    letters: list["Letter"] = field(default_factory=list)
    files: list[tuple[str, int, list[Inner]]] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    sealed: int = 0

    def absorb(self, other: "Letter") -> None:
        """Take what was in an envelope around a part of this message."""
        self.bodies += other.bodies
        self.letters += other.letters
        self.files += other.files
        self.lacks += other.lacks
        self.sealed += other.sealed

    @property
    def all_sealed(self) -> int:
        """How many parts are encrypted, here and in the mails inside."""
        return self.sealed + sum(letter.all_sealed for letter in self.letters)

    @property
    def all_lacks(self) -> Iterator[str]:
        """What is missing here and in the mails inside."""
        yield from self.lacks
        for letter in self.letters:
            yield from letter.all_lacks

    @property
    def has_text(self) -> bool:
        """Tell whether anything but header lines was read."""
        return (
            any(body.strip() for body in self.bodies)
            or any(inner.text for _, _, inners in self.files for inner in inners)
            or any(letter.has_text or letter.headers.get("Subject") for letter in self.letters)
        )


@dataclass(frozen=True, slots=True)
class Tools:
    """What is lent for the reading of a mail: a guess of charsets, and a reader of files."""

    guess: Guess
    read_file: ReadFile
