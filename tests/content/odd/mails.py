"""Odd mail, as programs of three decades write it."""

import base64
import binascii
import quopri
from collections.abc import Iterator

from tests.content import samples
from tests.content.odd.expected import TEXTS, Odd, charsets, in_charset
from tests.content.samples import SENTENCE

_HEAD = "From: Ada <ada@example.org>\r\nTo: bo@example.org\r\nSubject: subjectword\r\n"
NEVER = ("stylename", "scriptname", "Content-Type", "\ufffd", "<p>")
OUTLOOK = (
    "<html xmlns:o='urn:x'><head><style><!-- @font-face {{font-family:stylename}} --></style>"
    "<!--[if gte mso 9]><xml>stylename</xml><![endif]--></head><body><p class=MsoNormal>{0}<o:p>"
    "</o:p></p></body></html>"
)


def mails() -> Iterator[Odd]:
    """Yield messages by charset, encoding and structure."""
    yield from _by_charset()
    yield from _by_encoding()
    yield from _alternatives()
    yield from _inside()
    yield from _uuencoded()
    yield from _wide()


def _wide() -> Iterator[Odd]:
    """Mail that an editor saved in two or four bytes a character."""
    for language, text in TEXTS.items():
        whole = parts("alternative", ("text/plain; charset=utf-8", text.encode()))
        for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            if language in {"de", "ko"} or codec == "utf-16":
                data = whole.decode().encode(codec)
                yield Odd(f"wide-{codec}-{language}.eml", data, (text,), ("boundary", "Content-"))


def _uuencoded() -> Iterator[Odd]:
    plain = "begin 644 note.txt\n" + _uu(b"insideword of the file\n" * 9) + "end\n"
    docx = "begin 0600 a letter.docx\n" + _uu(samples.docx_file()) + "end\n"
    words = ("bodyword", "insideword of the file", SENTENCE, "last words")
    body = f"bodyword\n\n{plain}\n{docx}\nlast words"
    never = (plain.split("\n")[1],)
    yield Odd("uuencoded.eml", mail("X-A: b", body), words, never)
    stripped = "\n".join(line.rstrip() for line in body.split("\n"))
    yield Odd("uuencoded-stripped.eml", mail("X-A: b", stripped), words, never)
    talk = "We begin 644 things\nbegin 644 of them\nand we end\nend\nbodyword"
    yield Odd("no-uuencode.eml", mail("X-A: b", talk), ("begin 644 of them", "bodyword"))


def _uu(data: bytes) -> str:
    pieces = (data[at : at + 45] for at in range(0, len(data), 45))
    return "".join(binascii.b2a_uu(piece).decode() for piece in pieces) + " \n"


def mail(lines: str, body: bytes | str = "") -> bytes:
    """Return a mail with further header lines, and its body."""
    body = body.encode() if isinstance(body, str) else body
    return (_HEAD + lines.replace("\n", "\r\n")).encode() + b"\r\n\r\n" + body


def _by_charset() -> Iterator[Odd]:
    for charset, language in charsets():
        text, raw = (TEXTS[language],), in_charset(language, charset)
        where = f"{charset}-{language}"
        stated = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: "
        yield Odd(f"{where}-8bit.eml", mail(f"{stated}8bit", raw), text, NEVER)
        coded = base64.encodebytes(raw)
        yield Odd(f"{where}-base64.eml", mail(f"{stated}base64", coded), text, NEVER)
        printable = quopri.encodestring(raw)
        yield Odd(f"{where}-qp.eml", mail(f"{stated}quoted-printable", printable), text, NEVER)
        page = b"<html><body><p>" + raw + b"</p></body></html>"
        html = f'Content-Type: text/html; charset="{charset}"'
        yield Odd(f"{where}-html.eml", mail(html, page), text, NEVER)
        inside = f"<html><head><meta charset={charset}></head><p>".encode() + raw + b"</p></html>"
        yield Odd(f"{where}-inside.eml", mail("Content-Type: text/html", inside), text, NEVER)
        subject = base64.b64encode(raw).decode()
        yield Odd(f"{where}-subject.eml", _subject(charset, subject), text, NEVER)
    for language in ("de", "ko", "ja", "ru", "zh"):
        text = (TEXTS[language],)
        yield Odd(f"undeclared-{language}.eml", mail("X-A: b", TEXTS[language].encode()), text)
        unknown = "Content-Type: text/plain; charset=x-unknown"
        yield Odd(f"unknown-{language}.eml", mail(unknown, TEXTS[language].encode()), text)
        ascii_ = "Content-Type: text/plain; charset=us-ascii"
        yield Odd(f"lying-{language}.eml", mail(ascii_, TEXTS[language].encode()), text)


def _subject(charset: str, coded: str) -> bytes:
    return f"Subject: =?{charset}?B?{coded}?=\r\nFrom: a@b.example\r\n\r\nbodyword".encode()


def _by_encoding() -> Iterator[Odd]:
    text = TEXTS["de"]
    coded = base64.encodebytes((text * 3).encode()).decode()
    stated = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
    footer = "_____\nUnsubscribe: http://lists.example.org/footerword\n"
    yield Odd("footer.eml", mail(stated, coded + footer), (text, "footerword"), (coded[:40],))
    yield Odd("unpadded.eml", mail(stated, coded.rstrip("=\n")), (text,), (coded[:40],))
    yield Odd("one-line.eml", mail(stated, coded.replace("\n", "")), (text,), (coded[:40],))
    strange = coded[:100] + "~" + coded[101:]
    yield Odd("strange.eml", mail(stated, strange), (), (coded[:40],), ("ok", "partial"))
    yield Odd("not-coded.eml", mail(stated, "Dear all, plainword here."), ("plainword",))
    printable = stated.replace("base64", "quoted-printable")
    broken = "A broken=ZZ sign and =\nthe end plainword="
    yield Odd("broken-qp.eml", mail(printable, broken), ("plainword", "the end"))
    flowed = "Content-Type: text/plain; charset=utf-8; format=flowed"
    yield Odd("flowed.eml", mail(flowed, "one sentence \nthat goes on\n"), ("sentence that goes",))
    joined = "시작부 \n끝부분"
    yield Odd("delsp.eml", mail(f"{flowed}; delsp=yes", joined), ("시작부끝부분",))
    whole = mail("X-A: b", f"{text}\r\nsecondline")
    yield Odd("returns.eml", whole.replace(b"\r\n", b"\r"), (text, "secondline"), ("Ada>\rTo",))
    yield Odd("newlines.eml", whole.replace(b"\r\n", b"\n"), (text, "secondline"))
    yield Odd("marked.eml", b"\xef\xbb\xbf" + whole, (text, "subjectword"))
    yield Odd(
        "enveloped.eml", b"From ada Tue May  2 10:00:00 2023\n" + whole, (text, "subjectword")
    )
    yield Odd("blank-first.eml", b"\r\n\r\n" + whole, (text, "subjectword"))
    yield Odd("no-head.eml", f"{text}\n\n{text}".encode(), (text,))
    yield Odd("head-alone.eml", _HEAD.encode(), ("subjectword",))
    raw = "Subject: Kündigung größter\r\n\r\nbodyword".encode("cp1252")
    yield Odd("raw-head.eml", raw, ("Kündigung größter", "bodyword"))
    uu = "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode"
    yield Odd("uu.eml", mail(uu, "begin 644 a\n+;&5T=&5R=V]R9 \n`\nend\n"), ("letterwor",))


def _alternatives() -> Iterator[Odd]:
    plain, html = "plainword of the letter", OUTLOOK.format("plainword of the letter")
    for kind in ("alternative", "mixed", "related"):
        made = parts(kind, ("text/plain", plain), ("text/html", html))
        yield Odd(f"{kind}.eml", made, ("plainword of the letter",), NEVER)
    yield Odd("outlook.eml", mail("Content-Type: text/html", html), (plain,), NEVER)
    stub = parts(
        "alternative",
        ("text/plain", "Your program shows no HTML."),
        ("text/html", OUTLOOK.format("htmlword and all the rest of the letter")),
    )
    yield Odd("stub.eml", stub, ("htmlword",), NEVER)
    empty = parts("alternative", ("text/plain", " "), ("text/html", OUTLOOK.format("htmlword")))
    yield Odd("blank-plain.eml", empty, ("htmlword",), NEVER)
    both = parts("alternative", ("text/plain", "plainword"), ("text/html", "<p>htmlword</p>"))
    yield Odd("differing.eml", both, ("plainword", "htmlword"), NEVER)
    unended = both.removesuffix(b"--b--\r\n")
    yield Odd("no-end.eml", unended, ("plainword", "htmlword"), NEVER)
    renamed = both.replace(b"boundary=b", b"boundary=another")
    yield Odd("other-boundary.eml", renamed, ("plainword", "htmlword"), NEVER)
    around = both.replace(b"\r\n--b\r\n", b"preambleword\r\n--b\r\n", 1) + b"epilogueword"
    yield Odd("around.eml", around, ("plainword", "preambleword", "epilogueword"), NEVER)
    enriched = "Content-Type: text/enriched"
    yield Odd("enriched.eml", mail(enriched, "<bold>letterword</bold> end"), ("letterword",))
    for name in ("mht", "mhtml"):
        page = parts("related", ("text/html", OUTLOOK.format("letterword")))
        yield Odd(f"page.{name}", page, ("letterword",), (*NEVER, "Ada"))


def parts(kind: str, *inside: tuple[str, str | bytes]) -> bytes:
    """Return a mail of several parts: their content types and bodies."""
    made = b""
    for content_type, body in inside:
        made += f"\r\n--b\r\nContent-Type: {content_type}\r\n\r\n".encode()
        made += body.encode() if isinstance(body, str) else body
    return mail(f"MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b") + (
        made + b"\r\n--b--\r\n"
    )


def _inside() -> Iterator[Odd]:
    inner = b"Subject: innersubject\r\nFrom: c@example.org\r\n\r\ninnerbody"
    words = ("subjectword", "innersubject", "innerbody")
    for depth in (1, 2, 3, 5, 20):
        message = inner
        for level in range(depth):
            boundary = f"b{level}"
            head = f"Subject: level{level}\r\nContent-Type: multipart/mixed; boundary={boundary}"
            message = (
                f"{head}\r\n\r\n--{boundary}\r\nContent-Type: message/rfc822\r\n\r\n".encode()
                + message
                + f"\r\n--{boundary}--\r\n".encode()
            )
        levels = tuple(f"level{level}" for level in range(depth))
        yield Odd(f"forward-{depth}.eml", message, (*levels, *words[1:]), NEVER)
    comment = parts("mixed", ("text/plain", "see below"), ("message/rfc822", inner))
    yield Odd("forward-comment.eml", comment, ("see below", *words), NEVER)
    top = mail("Content-Type: message/rfc822", inner)
    yield Odd("forward-top.eml", top, words, NEVER)
    digest = parts("digest", ("message/rfc822", inner)).replace(
        b"Content-Type: message/rfc822\r\n", b""
    )
    yield Odd("digest.eml", digest, words, NEVER)
    for encoding in ("base64", "quoted-printable"):
        coded = base64.encodebytes(inner) if encoding == "base64" else quopri.encodestring(inner)
        kind = f"message/rfc822\r\nContent-Transfer-Encoding: {encoding}"
        yield Odd(f"forward-{encoding}.eml", parts("mixed", (kind, coded)), words, NEVER)
    with_file = bytes(samples.eml_file())
    held = parts("mixed", ("message/rfc822", with_file))
    yield Odd("forward-file.eml", held, (samples.SENTENCE, "A clause of the attachment."), NEVER)
    report = parts("report", ("text/plain", "bounceword"), ("message/delivery-status", "Final: x"))
    yield Odd("report.eml", report, ("bounceword",))
    part = mail("Content-Type: message/partial; id=a; number=1; total=2", "partword")
    yield Odd("partial.eml", part, ("partword",), status=("partial",))
