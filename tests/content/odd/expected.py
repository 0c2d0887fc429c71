"""What an odd file must give, and the texts that all of them hold."""

from collections.abc import Iterable
from dataclasses import dataclass

TEXTS = {
    "de": "Die Kündigung, so der „Vertrag“ \N{EN DASH} erfolgt bis Ende März, größtenteils.",
    "ko": "계약 해지 통지서를 보내 드립니다. 지불 기한은 유월 말입니다. 담당 부서로 회신 바랍니다.",
    "ja": "契約書の更新についてご連絡いたします。支払期限は六月末です。担当部署までご返信を。",
    "zh": "购买合同编号与付款条件请查收附件。付款期限为六月底。请回复负责部门。",
    "ru": "Договор поставки заключён сторонами. Срок оплаты истекает в конце июня текущего года.",
    "cs": "Smlouva byla uzavřena písemně a účinně. Lhůta splatnosti končí v červnu příštího roku.",
    "el": "Συμβόλαιο που υπογράφηκε από τα μέρη, με προθεσμία πληρωμής ως το τέλος του μήνα.",
    "en": "The supplier delivers the goods within thirty days; payment is due at the end of June.",
}
CHARSETS = {
    "utf-8": tuple(TEXTS),
    "windows-1252": ("de", "en"),
    "iso-8859-1": ("en",),
    "ks_c_5601-1987": ("ko",),
    "euc-kr": ("ko",),
    "johab": ("ko",),
    "shift_jis": ("ja",),
    "euc-jp": ("ja",),
    "iso-2022-jp": ("ja",),
    "gb2312": ("zh",),
    "gb18030": ("zh",),
    "windows-1251": ("ru",),
    "koi8-r": ("ru",),
    "windows-1250": ("cs",),
    "iso-8859-2": ("cs",),
    "windows-1253": ("el",),
}


def in_charset(language: str, charset: str) -> bytes:
    """Return the text of a language in a charset, by the name that mail and HTML give it."""
    codec = {"ks_c_5601-1987": "cp949"}.get(charset, charset)
    return TEXTS[language].encode(codec)


def charsets() -> Iterable[tuple[str, str]]:
    """Yield every charset with each language that it can write."""
    yield from ((charset, each) for charset, spoken in CHARSETS.items() for each in spoken)


@dataclass(frozen=True, slots=True)
class Odd:
    """One file.

    ``words`` must all be in the text of a row that is ``ok``, and none of ``never``, whatever the
    status. ``status`` is what the first row must be: empty for ``ok`` alone.
    """

    name: str
    data: bytes
    words: tuple[str, ...]
    never: tuple[str, ...] = ()
    status: tuple[str, ...] = ("ok",)
    items: int = 1
