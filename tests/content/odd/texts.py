"""Odd plain text, HTML, XML and rich text."""

from collections.abc import Iterator

from tests.content.odd.expected import TEXTS, Odd, charsets, in_charset

_STYLE = "<style>.stylename{color:red}</style><script>var scriptname = 1;</script>"
_DECLARED = {
    "meta": '<meta charset="{0}">',
    "bare": "<meta charset={0}>",
    "equiv": '<meta http-equiv="Content-Type" content="text/html; charset={0}">',
    "single": "<meta content='text/html;charset={0}' http-equiv='content-type'/>",
    "late": "<title>T</title>" + "<meta name=x content=y>" * 60 + '<META CHARSET="{0}">',
}


def texts() -> Iterator[Odd]:
    """Yield plain text, HTML, XML and rich text."""
    yield from _plain()
    yield from _html()
    yield from _html_by_structure()
    yield from _xml()
    yield from _rich()


def _plain() -> Iterator[Odd]:
    for language, text in TEXTS.items():
        whole = (text * 3).encode()
        cut = bytearray(text.encode() * 3)
        cut[len(text.encode()) // 2 - 1] = 0xFF
        if language != "en":
            # One byte beyond ASCII in English is a letter of Latin-1.
            yield Odd(f"bad-byte-{language}.txt", bytes(cut), (text,), status=("partial",))
            cut_short = whole[:-1] + b"\xe2\x82"
            yield Odd(f"cut-{language}.csv", cut_short, (text,), status=("partial",))
        for codec in ("utf-8-sig", "utf-16", "utf-32"):
            yield Odd(f"{codec}-{language}.txt", text.encode(codec), (text,))
        for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            lines = f"{text}\n{text}\n"
            yield Odd(f"{codec}-{language}.log", lines.encode(codec), (text,))
    english = TEXTS["en"]
    yield Odd("returns.txt", f"{english}\r{english}\r".encode(), (english,))
    yield Odd("mainframe.txt", (f"{english}\n" * 4).encode("cp500"), (english,))
    marked = (f"{english} X\x99\x85" * 4).encode("cp500")
    yield Odd("mainframe-marked.txt", marked, (f"{english} X\u2122",), ("\x99", "\x85"))
    yield Odd("zeros.txt", english.encode() + b"\0" * 9, (english,), status=("ok", "partial"))
    yield from _with_stray_zeros()
    yield from _of_older_machines()
    noise = bytes(range(256)) * 20
    yield Odd("noise.txt", noise, (), status=("corrupt",))
    yield Odd("picture.csv", b"\x89PNG\r\n\x1a\n" + noise, (), status=("corrupt",))


def _with_stray_zeros() -> Iterator[Odd]:
    """Single zero bytes in text of one byte a character make no text of two bytes."""
    for codec, language in (("utf-8", "de"), ("cp1252", "de"), ("utf-8", "en"), ("cp1251", "ru")):
        text = TEXTS[language]
        for name, zero in (("behind", " \0"), ("between", "\0"), ("often", " \0 \0 ")):
            data = f"{text}{zero}{text} \0secondly".encode(codec)
            yield Odd(f"zero-{name}-{codec}-{language}.txt", data, (text,))


def _of_older_machines() -> Iterator[Odd]:
    texts = {
        "de": "Sehr geehrte Damen und Herren, die Lösung für das größere Gerät müssen wir prüfen.",
        "fr": "Le contrat a été signé à l'hôtel près de la forêt, où l'élève reçoit un dîner.",
        "es": "El año que viene la compañía pagará más de lo que debía según el acuerdo número.",
        "sv": "Vi behöver få tillåtelse från företaget för att åka till sjön på lördag.",
    }
    for language, text in texts.items():
        for codec in ("mac_roman", "cp850", "cp1252"):
            yield Odd(f"old-{codec}-{language}.txt", text.encode(codec), (text,))


def _html() -> Iterator[Odd]:
    for charset, language in charsets():
        body = b"<body><p>" + in_charset(language, charset) + b"</p></body></html>"
        for kind, declaration in _DECLARED.items():
            if kind != "meta" and charset in {"iso-8859-2", "koi8-r", "euc-kr", "johab", "gb18030"}:
                continue
            head = f"<html><head>{declaration.format(charset)}{_STYLE}</head>".encode()
            yield Odd(f"{charset}-{language}-{kind}.html", head + body, (TEXTS[language],), _NEVER)
        xml = (
            f'<?xml version="1.0" encoding="{charset}"?><html xmlns="http://www.w3.org/1999/xhtml">'
        )
        yield Odd(f"{charset}-{language}.xhtml", xml.encode() + body, (TEXTS[language],), _NEVER)
    for language in ("de", "ko", "ja", "ru"):
        text = TEXTS[language]
        codec = {"de": "cp1252", "ko": "cp949", "ja": "cp932", "ru": "cp1251"}[language]
        undeclared = f"<html><body><p>{text}</p><p>{text}</p></body></html>"
        yield Odd(f"undeclared-{language}.htm", undeclared.encode(codec), (text,))
        yield Odd(f"wide-{language}.htm", undeclared.encode("utf-16"), (text,))
        lying = f'<html><head><meta charset="iso-8859-1"></head><body>{text}</body></html>'
        yield Odd(f"lying-{language}.htm", lying.encode(), (text,))


_NEVER = ("stylename", "scriptname", "\ufffd")


def _html_by_structure() -> Iterator[Odd]:
    word, other = "letterword", "secondword"
    cases = {
        "deep": "<div>" * 50_000 + word + "</div>" * 50_000 + other,
        "deep-tables": "<table><tr><td>" * 300 + word + "</td></tr></table>" * 300 + other,
        "unclosed": f"<p>{word}<p><b><i>{other}",
        "break": f"{word}<br>{other}",
        "cells": f"<table><tr><td>{word}</td><td>{other}</td></tr></table>",
        "items": f"<ul><li>{word}<li>{other}</ul>",
        "quote": f"<blockquote>{word}<p>{other}</p></blockquote>",
        "link": f"<a href='x>y'>{word}</a> <b>{other}</b>",
        "comment": f"{word} <!-- stylename > --><!-- x -- y -->{other}",
        "conditional": f"<!--[if gte mso 9]><xml>stylename</xml><![endif]-->{word} {other}",
        "revealed": f"<!--[if !mso]><!-->{word}<!--<![endif]--> {other}",
        "style-in-body": f"{word}<STYLE type='a>b'>stylename</STYLE > {other}",
        "script": f"{word}<script>if (a < b) scriptname('</p>')</script> {other}",
        "comparison": f"{word} if 3 < 5 and 7 > 2 {other}",
        "noscript": f"<noscript>{word}</noscript>{other}",
        "alternative": f"<img alt='{word}'>{other}",
        "field": f"<form><input value='{word}'><textarea>{other}</textarea></form>",
        "drawing": f"<svg><title>{word}</title><text>{other}</text></svg>",
        "frameset": f"<frameset><noframes>{word} {other}</noframes></frameset>",
        "no-tags": f"{word}\n{other}",
        "entity": f"{word} &#97;nd&nbsp;{other}",
        "capitals": f"<HTML><BODY><P>{word}</P><P>{other}</P></BODY></HTML>",
    }
    for name, body in cases.items():
        yield Odd(f"structure-{name}.html", body.encode(), (word, other), (*_NEVER, word + other))


def _xml() -> Iterator[Odd]:
    for charset, language in charsets():
        for quote in "\"'":
            start = f"<?xml version={quote}1.0{quote} encoding={quote}{charset}{quote}?><a><b>"
            data = start.encode() + in_charset(language, charset) + b"</b></a>"
            name = f"{charset}-{language}-{'single' if quote == chr(39) else 'double'}.xml"
            yield Odd(name, data, (TEXTS[language],))
    text = TEXTS["de"]
    false = '<?xml version="1.0" encoding="UTF-8"?><a><b>{}</b></a>'
    yield Odd("false-utf-8.xml", false.format(text).encode("cp1252"), (text,))
    mixed = false.format(f"{text} \xe9 {text}").encode().replace(b"\xc3\xa9", b"\xe9")
    yield Odd("half-utf-8.xml", mixed, (text,), status=("partial",))
    yield Odd("wide.xml", f'<?xml version="1.0"?><a>{text}</a>'.encode("utf-16"), (text,))
    yield Odd("prefixed.xml", f'<q:a xmlns:q="urn:q"><q:b>{text}</q:b></q:a>'.encode(), (text,))
    yield Odd("sheet.xls", _SHEET_2003.encode(), ("sheetword",))
    yield Odd("page.doc", f"<html><body><p>{text}</p></body></html>".encode(), (text,))


_SHEET_2003 = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
    "<Worksheet><Table><Row><Cell><Data>sheetword</Data></Cell></Row></Table></Worksheet></Workbook>"
)


def _rich() -> Iterator[Odd]:
    russian = TEXTS["ru"].encode("cp1251")
    coded = "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in russian)
    head = "{\\rtf1\\ansi\\ansicpg1251{\\fonttbl{\\f0\\fcharset204 Arial;}}\\f0 "
    yield Odd("code-page.rtf", f"{head}{coded}\\par}}".encode(), (TEXTS["ru"],))
    korean = "".join(f"\\'{byte:02x}" for byte in TEXTS["ko"].encode("johab"))
    johab = f"{{\\rtf1\\ansi\\ansicpg1361{{\\fonttbl{{\\f0\\fcharset130 B;}}}}\\f0 {korean}\\par}}"
    yield Odd("johab.rtf", johab.encode(), (TEXTS["ko"],))
    german = "".join(f"\\u{ord(each)}?" if ord(each) > 127 else each for each in TEXTS["de"])
    yield Odd("unicode.rtf", f"{{\\rtf1\\ansi {german}\\par}}".encode(), (TEXTS["de"],))
    yield Odd("named.doc", f"{{\\rtf1\\ansi {german}\\par}}".encode(), (TEXTS["de"],))
