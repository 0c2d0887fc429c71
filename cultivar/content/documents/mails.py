"""One mail's bytes to its text, title and date, whatever program wrote it."""

from cultivar.content.documents.characters.charsets import decoded
from cultivar.content.documents.encryption import is_compound
from cultivar.content.documents.mailboxes import is_mail
from cultivar.content.documents.parser import Document, guessed, refuse_noise
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.formats import FileType
from cultivar.content.mail.letters import Letter, ReadFile, Tools
from cultivar.content.mail.messages import letter_of
from cultivar.content.mail.outlook import letter_of_outlook
from cultivar.content.mail.writing import own, shown
from cultivar.core.vocabulary import how_many

_OUTLOOK = "application/vnd.ms-outlook"
_MAIL = "message/rfc822"


def read_mail(data: bytes, file_type: FileType, read_file: ReadFile) -> Document:
    """Read a mail, and with ``read_file`` what hangs on it.

    Raises:
        Unreadable: it is encrypted, or its format is damaged.
    """
    tools = Tools(guessed, read_file)
    letter = _letter(data, file_type, tools)
    if not any(letter.headers.values()) and not is_compound(data):
        refuse_noise(data, decoded(data, None, guessed))
    sealed = letter.all_sealed
    if sealed and not letter.has_text:
        raise Unreadable("encrypted", "the message is encrypted")
    lacks = list(letter.all_lacks)
    if sealed:
        lacks.append(f"{how_many(sealed, 'part')} {'is' if sealed == 1 else 'are'} encrypted")
    is_page = file_type.media_type == "multipart/related"
    return Document(
        "\n\n".join(letter.bodies) if is_page else shown(letter),
        _OUTLOOK if is_compound(data) else _MAIL,
        letter.headers.get("Subject") or None,
        letter.headers.get("Date") or None,
        own_text=None if is_page else own(letter),
        lacks=tuple(lacks),
    )


def _letter(data: bytes, file_type: FileType, tools: Tools) -> Letter:
    if not is_compound(data):
        if file_type.extension == "msg" and not is_mail(data):
            raise Unreadable("corrupt", "its content does not follow its format")
        return letter_of(data, tools)
    try:
        return letter_of_outlook(data, tools)
    except OSError as error:
        raise Unreadable("corrupt", "its content does not follow its format") from error
