"""Odd things that carry mail or hang on it: signatures, files, Outlook's formats, mailboxes."""

import base64
from collections.abc import Iterator
from email.message import EmailMessage

from tests.content import samples
from tests.content.compound import (
    compressed_rich_text,
    message_tree,
    outlook_message,
    winmail,
)
from tests.content.odd.expected import TEXTS, Odd
from tests.content.odd.mails import NEVER, OUTLOOK, mail, parts

_SIGNED = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED = bytes.fromhex("06092a864886f70d010703")


def carriers() -> Iterator[Odd]:
    """Yield sealed mail, mail with files, messages of Outlook, and mailboxes."""
    yield from _sealed()
    yield from _files()
    yield from _outlook()
    yield from _mailboxes()


def _sealed() -> Iterator[Odd]:
    signed = _cms(_SIGNED, _signed_content(b"Content-Type: text/plain\r\n\r\nsignedword\r\n"))
    enveloped = _cms(_ENVELOPED, bytes(40))
    for prefix in ("", "x-"):
        kind = f"Content-Type: application/{prefix}pkcs7-mime; name=smime.p7m"
        coded = f"{kind}\nContent-Transfer-Encoding: base64"
        text = base64.encodebytes(signed)
        yield Odd(f"{prefix}signed.eml", mail(coded, text), ("signedword",), NEVER)
        sealed = base64.encodebytes(enveloped)
        yield Odd(f"{prefix}sealed.eml", mail(coded, sealed), (), status=("encrypted",))
        stated = coded.replace("; name", "; smime-type=enveloped-data; name")
        noise = base64.encodebytes(bytes(range(256)))
        yield Odd(f"{prefix}noise.eml", mail(stated, noise), (), status=("encrypted",))
    beside = parts("mixed", ("text/plain", "openword"), ("application/pkcs7-mime", enveloped))
    yield Odd("beside-sealed.eml", beside, ("openword",), status=("partial",))
    detached = parts("signed", ("text/plain", "openword"), ("application/pgp-signature", "x"))
    yield Odd("detached.eml", detached, ("openword",))
    pgp = parts("encrypted", ("application/pgp-encrypted", "Version: 1"), ("a/b", _ARMOUR))
    yield Odd("pgp-mime.eml", pgp, (), status=("encrypted",))
    yield Odd("pgp.eml", mail("X-A: b", _ARMOUR), (), status=("encrypted",))
    part = f"openword\n\n{_ARMOUR}\n\nsecondword"
    yield Odd("pgp-part.eml", mail("X-A: b", part), ("openword", "secondword"), status=("partial",))
    about = "A guide: -----BEGIN PGP MESSAGE-----\n-----BEGIN PGP MESSAGE-----\nis how guideword"
    yield Odd("pgp-about.eml", mail("X-A: b", about), ("guideword",))
    clear = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nopenword\n-----BEGIN PGP SIGNATURE"
    clear += "-----\n\niQEz\n=ab\n-----END PGP SIGNATURE-----\n"
    yield Odd("pgp-clear.eml", mail("X-A: b", clear), ("openword",), ("iQEz",))
    rights = parts("mixed", ("application/x-microsoft-rpmsg-message", "x"))
    yield Odd("rights.eml", rights, (), status=("encrypted",))


_ARMOUR = (
    "-----BEGIN PGP MESSAGE-----\n\nhIwDY32hYGCE8MkBA/wOu7d45aUx\n=abcd\n-----END PGP MESSAGE-----"
)


def _der(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + value


def _cms(kind: bytes, content: bytes) -> bytes:
    return _der(0x30, kind + _der(0xA0, content))


def _signed_content(data: bytes) -> bytes:
    inside = bytes.fromhex("06092a864886f70d010701") + _der(0xA0, _der(0x04, data))
    return _der(0x30, b"\x02\x01\x01" + _der(0x31, b"") + _der(0x30, inside))


def _files() -> Iterator[Odd]:
    text = samples.SENTENCE
    files = {
        "docx": samples.docx_file(),
        "pdf": samples.pdf_file(),
        "xlsx": samples.xlsx_file(),
        "odt": samples.odt_file(),
        "html": samples.html_file(),
        "txt": samples.text_file(),
        "svg": f"<svg><text>{text}</text></svg>".encode(),
        "eml": samples.eml_file(),
        "rtf": samples.rtf_file(),
        "zip": samples.zip_file({"a.txt": samples.text_file()}),
    }
    for extension, data in files.items():
        yield Odd(
            f"with-{extension}.eml", _with_file(f"annex.{extension}", data), (text, "bodyword")
        )
    unnamed = parts("mixed", ("text/plain", "bodyword"), ("application/pdf", files["pdf"]))
    yield Odd("unnamed.eml", _binary(unnamed, files["pdf"]), (text, "bodyword"))
    coded = TEXTS["ru"].encode("koi8-r")
    kind = "text/plain; charset=koi8-r; name=a.txt\r\nContent-Disposition: attachment"
    yield Odd("charset-file.eml", parts("mixed", (kind, coded)), (TEXTS["ru"],))
    for name, data in (("a.bin", b"\x01\x02"), ("a.docx", b"PK damaged"), ("a.7z", b"7z")):
        lost = _with_file(name, data)
        yield Odd(f"lost-{name}.eml", lost, ("bodyword", name), status=("partial",))
    sealed = _with_file("a.pdf", samples.pdf_file(password="sesame"))
    yield Odd("lost-sealed.eml", sealed, ("bodyword",), status=("partial",))
    drawn = _with_file("logo.svg", b"<svg><path d='M0 0'/></svg>")
    yield Odd("drawn-logo.eml", drawn, ("bodyword", "logo.svg"))
    yield Odd("logo.eml", _with_file("logo.png", b"\x89PNG"), ("bodyword", "logo.png"))
    tnef = winmail("", {"annex.txt": b"annexword", "annex.docx": files["docx"]})
    yield Odd("winmail.eml", _with_file("winmail.dat", tnef), ("bodyword", "annexword", text))
    alone = EmailMessage()
    alone["Subject"] = "subjectword"
    alone.add_attachment(winmail("tnefbody", {}), maintype="application", subtype="ms-tnef")
    yield Odd("winmail-alone.eml", bytes(alone), ("tnefbody", "subjectword"))
    damaged = _with_file("winmail.dat", tnef[:60])
    yield Odd("winmail-damaged.eml", damaged, ("bodyword",), status=("partial",))


def _with_file(name: str, data: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "subjectword"
    message.set_content("bodyword")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(message)


def _binary(mail: bytes, data: bytes) -> bytes:
    coded = base64.encodebytes(data)
    head = b"application/pdf\r\n"
    return mail.replace(data, coded).replace(head, head + b"Content-Transfer-Encoding: base64\r\n")


def _outlook() -> Iterator[Odd]:
    for language, page in (("de", 1252), ("ru", 1251), ("ko", 949), ("ja", 932), ("cs", 1250)):
        text = TEXTS[language]
        yield Odd(f"unicode-{language}.msg", outlook_message("subjectword", text), (text,))
        coded = outlook_message("subjectword", text, code_page=page)
        yield Odd(f"page-{language}.msg", coded, (text, "subjectword"))
        html = f"<html><meta charset=windows-{page}>{OUTLOOK.format(text)}".encode(f"cp{page}")
        yield Odd(f"html-{language}.msg", outlook_message("s", html=html), (text,), NEVER)
    rich = compressed_rich_text(b"{\\rtf1\\ansi richword\\par}")
    yield Odd("rich.msg", outlook_message("s", rich=rich), ("richword",))
    inner = message_tree("innersubject", "innerbody", inside=True)
    held = outlook_message("s", "bodyword", files={"a.txt": b"annexword", "b.msg": inner})
    yield Odd("files.msg", held, ("bodyword", "annexword", "innersubject", "innerbody"))
    sealed = outlook_message("s", files={"smime.p7m": _cms(_ENVELOPED, bytes(40))})
    yield Odd("sealed.msg", sealed, (), status=("encrypted",))
    clear = parts("signed", ("text/plain", "openword")).split(b"\r\n", 3)[3]
    yield Odd("signed.msg", outlook_message("s", files={"smime.p7m": clear}), ("openword",))
    yield Odd("named.eml", outlook_message("s", "bodyword"), ("bodyword",))


def _mailboxes() -> Iterator[Odd]:
    one = "From: a@example.org\nSubject: first\n\nDear all,\n\n{0}\nlastword\n"
    two = "From: a@example.org\nSubject: second\n\nsecondbody\n"
    envelopes = {
        "plain": "From a@example.org Tue May  2 10:00:01 2023",
        "daemon": "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        "mozilla": "From - Tue May 02 10:00:01 2023",
        "zone": "From a@example.org Tue May  2 10:00:01 2023 +0200",
        "named-zone": "From a@example.org Tue May  2 10:00:01 CEST 2023",
        "short": "From a@example.org Tue May  2 10:00 2023",
        "rfc": "From a@example.org Tue, 02 May 2023 10:00:01 +0200",
    }
    tricky = {
        "sentence": "From the first of June the tariff changes.",
        "quoted": ">From the first of June the tariff changes.",
        "twice": ">>From the first of June the tariff changes.",
        "dated": "From Tue May  2 10:00:01 2023 on, no header follows.",
    }
    for kind, envelope in envelopes.items():
        for name, line in tricky.items():
            shown = line[1:] if line.startswith(">") else line
            data = f"{envelope}\n{one.format(line)}\n{envelope}\n{two}\n".encode()
            words = (shown, "lastword", "secondbody")
            yield Odd(f"{kind}-{name}.mbox", data, words, items=2)
    both = f"{envelopes['plain']}\n{one.format('x')}\n{envelopes['plain']}\n{two}".encode()
    bodies = ("lastword", "secondbody")
    yield Odd("marked.mbox", b"\xef\xbb\xbf" + both, bodies, items=2)
    for codec in ("utf-16", "utf-16-be"):
        yield Odd(f"{codec}.mbox", both.decode().encode(codec), bodies, items=2)
    yield Odd("crlf.mbox", both.replace(b"\n", b"\r\n"), bodies, items=2)
    yield Odd("returns.mbx", both.replace(b"\n", b"\r"), bodies, items=2)
    body = f"Dear all,\n\n{envelopes['plain']}\nSubject: inside\n\nquotedword\n"
    head = f"From: a@example.org\nSubject: first\nContent-Length: {len(body)}\n\n"
    counted = f"{envelopes['plain']}\n{head}{body}\n{envelopes['plain']}\n{two}".encode()
    yield Odd("counted.mbox", counted, ("quotedword", "secondbody", "Subject: inside"), items=2)
    wrong = counted.replace(f"Length: {len(body)}".encode(), b"Length: 7")
    yield Odd("miscounted.mbox", wrong, ("quotedword", "secondbody"), items=3)
