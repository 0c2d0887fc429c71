"""Which files are read, by extension, and what each is called.

A table of names only; nothing here opens a file.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Family = Literal["mail", "mailbox", "archive", "text", "office", "image"]

PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

_BY_FAMILY: dict[Family, dict[str, str]] = {
    "mail": {
        "eml": "message/rfc822",
        "emlx": "message/rfc822",
        "msg": "application/vnd.ms-outlook",
    },
    "mailbox": {"mbox": "application/mbox", "mbx": "application/mbox"},
    "archive": {"zip": "application/zip"},
    "image": {"tif": "image/tiff", "tiff": "image/tiff"},
    "office": {
        "htm": "text/html",
        "html": "text/html",
        "shtml": "text/html",
        "xhtml": "application/xhtml+xml",
        "mht": "multipart/related",
        "mhtml": "multipart/related",
        "doc": "application/msword",
        "dot": "application/msword",
        "docx": f"{_OOXML}.wordprocessingml.document",
        "docm": "application/vnd.ms-word.document.macroEnabled.12",
        "dotx": f"{_OOXML}.wordprocessingml.template",
        "dotm": "application/vnd.ms-word.document.macroEnabled.12",
        "xls": "application/vnd.ms-excel",
        "xlsx": f"{_OOXML}.spreadsheetml.sheet",
        "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
        "xltx": f"{_OOXML}.spreadsheetml.sheet",
        "xltm": "application/vnd.ms-excel.sheet.macroEnabled.12",
        "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
        "ppt": "application/vnd.ms-powerpoint",
        "pps": "application/vnd.ms-powerpoint",
        "pptx": f"{_OOXML}.presentationml.presentation",
        "pptm": f"{_OOXML}.presentationml.presentation",
        "potx": f"{_OOXML}.presentationml.presentation",
        "ppsx": f"{_OOXML}.presentationml.slideshow",
        "ppsm": f"{_OOXML}.presentationml.slideshow",
        "odt": f"{_ODF}.text",
        "ods": f"{_ODF}.spreadsheet",
        "odp": f"{_ODF}.presentation",
        "ott": f"{_ODF}.text",
        "ots": f"{_ODF}.spreadsheet",
        "otp": f"{_ODF}.presentation",
        "fodt": "text/xml",
        "fods": "text/xml",
        "fodp": "text/xml",
        "pdf": PDF,
        "epub": "application/epub+zip",
        "svg": "image/svg+xml",
        "rtf": "application/rtf",
        "xml": "text/xml",
    },
    "text": {
        "txt": "text/plain",
        "text": "text/plain",
        "log": "text/plain",
        "md": "text/markdown",
        "markdown": "text/markdown",
        "rst": "text/x-rst",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "json": "application/json",
        "yaml": "application/yaml",
        "yml": "application/yaml",
        "jsonl": "application/json",
        "ndjson": "application/json",
        "ics": "text/calendar",
        "vcf": "text/vcard",
        "adoc": "text/x-asciidoc",
        "org": "text/x-org",
    },
}

_WORDS = {
    "message/rfc822": "e-mail",
    "application/vnd.ms-outlook": "Outlook message",
    "image/tiff": "scanned image",
    "text/html": "web page",
    "application/xhtml+xml": "web page, XHTML",
    "multipart/related": "web page with its images",
    "application/msword": "Word document of the older kind",
    "application/vnd.ms-word.document.macroEnabled.12": "Word document with macros",
    f"{_OOXML}.wordprocessingml.document": "Word document",
    f"{_OOXML}.wordprocessingml.template": "Word template",
    "application/vnd.ms-excel": "Excel workbook of the older kind",
    "application/vnd.ms-excel.sheet.macroEnabled.12": "Excel workbook with macros",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": "binary Excel workbook",
    f"{_OOXML}.spreadsheetml.sheet": "Excel workbook",
    "application/vnd.ms-powerpoint": "PowerPoint slides of the older kind",
    f"{_OOXML}.presentationml.presentation": "PowerPoint slides",
    f"{_OOXML}.presentationml.slideshow": "PowerPoint slide show",
    f"{_ODF}.text": "OpenDocument text",
    f"{_ODF}.spreadsheet": "OpenDocument spreadsheet",
    f"{_ODF}.presentation": "OpenDocument slides",
    "application/pdf": "PDF",
    "application/epub+zip": "e-book",
    "image/svg+xml": "drawing",
    "application/rtf": "rich text",
    "text/xml": "XML",
    "text/plain": "plain text",
    "text/markdown": "Markdown",
    "text/x-rst": "reStructuredText",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "application/json": "JSON",
    "application/yaml": "YAML",
    "text/calendar": "calendar entry",
    "text/vcard": "business card",
    "text/x-asciidoc": "AsciiDoc",
    "text/x-org": "Org mode",
    "text/x-source": "source code",
}

_ALSO_CALLED = {
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "application/x-zip": "application/zip",
    "text/rtf": "application/rtf",
    "application/xml": "text/xml",
    "text/x-markdown": "text/markdown",
    "application/vnd.ms-word": "application/msword",
    "application/x-msexcel": "application/vnd.ms-excel",
}

_SOURCE_CODE = (
    "asm asp aspx bas bat c cc cfg clj cls cmd conf cpp cs css cxx dart diff erl ex f90 fs go "
    "groovy h hpp hs ini java jl js jsp jsx kt lisp lua m mak ml pas patch php pl pm properties "
    "ps1 py r rb rs scala sh sql swift tcl tex toml ts tsx vb vbs xsl xsd"
)

_FAMILIES = {
    extension: (family, media_type)
    for family, extensions in _BY_FAMILY.items()
    for extension, media_type in extensions.items()
} | dict.fromkeys(_SOURCE_CODE.split(), ("text", "text/x-source"))

EXTENSIONS = MappingProxyType(_FAMILIES)
MEDIA_TYPES = frozenset(media_type for _, media_type in _FAMILIES.values())
UNKNOWN = "application/octet-stream"


def extension_of(name: str) -> str:
    """Return what follows the last dot of a file's name, in lower case; empty without one."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return extension.casefold() if dot and stem else ""


@dataclass(frozen=True, slots=True)
class FileType:
    """What a file's name promises: its extension, how it is read, and its media type.

    ``family`` is None for what is not on the list of supported kinds.
    """

    extension: str
    family: Family | None
    media_type: str


def file_type_of(name: str) -> FileType:
    """Return what a file's name promises; with its folder, the mails of a Maildir are known too."""
    extension = extension_of(name)
    family, media_type = EXTENSIONS.get(extension, (None, UNKNOWN))
    if family is None and _is_in_maildir(name):
        return BY_FOLDER
    return FileType(extension, family, media_type)


# Its mails have names of numbers and marks: their content tells whether they are mails at all.
BY_FOLDER = FileType("", "mail", "message/rfc822")
NO_TYPE = FileType("", None, UNKNOWN)
_OF_MAILDIR = frozenset({"cur", "new", "tmp"})


def _is_in_maildir(path: str) -> bool:
    return path.rpartition("/")[0].rpartition("/")[2] in _OF_MAILDIR


# What to do with kinds that are not read, where something can be done.
_ARCHIVES = frozenset(
    {"7z", "rar", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "lzh", "arj", "cab"}
)
_PACKED = "unpack it, or pack it as zip"
INSTEAD = MappingProxyType(
    {
        **dict.fromkeys(_ARCHIVES, _PACKED),
        "svgz": "unpack it, and name it .svg",
        **dict.fromkeys(("pst", "ost"), "export its folders as mbox, eml or msg files"),
        **dict.fromkeys(("olm",), "export its mails as mbox or eml files"),
        **dict.fromkeys(("pages", "numbers", "key", "wpd"), "save it as PDF or an Office file"),
    }
)


def named_by_kind(name: str, media_type: str) -> str:
    """Return a name whose extension is listed, by the media type where the name has none."""
    if extension_of(name) in EXTENSIONS:
        return name
    kind = _ALSO_CALLED.get(media_type, media_type)
    known = (each for each, (_, listed) in _FAMILIES.items() if listed == kind)
    extension = next(known, "txt" if kind.startswith("text/") else None)
    return f"{name or 'unnamed'}.{extension}" if extension else name


def type_in_words(media_type: str) -> str:
    """Return what a person calls a media type, and in brackets the shortest name that filters it.

    An unknown media type is its own name.
    """
    if media_type not in _WORDS:
        return media_type
    extensions = [each for each, (_, known) in _FAMILIES.items() if known == media_type]
    # a message of a mailbox has no extension
    plain = media_type == "message/rfc822" or (len(extensions) > 1 and "/vnd." not in media_type)
    short = media_type if plain else extensions[0]
    return f"{_WORDS[media_type]} ({short})"
