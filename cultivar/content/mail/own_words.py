"""What a sender wrote, apart from what mail programs and lawyers put around it. Pure.

Quoted mails, signatures, disclaimers and the footers of lists are kept apart; a forwarded mail is
content, without its header lines.
"""

import re
from dataclasses import dataclass

# Chinese and Japanese mail programs write it; it stands for the other.
_WIDE_COLON = "\N{FULLWIDTH COLON}"
_QUOTED = re.compile(r"^[ \t]*>")
# Names of the header lines that mail programs write above what they quote, in their languages.
_FROM = (
    "from|von|de|da|van|från|fra|lähettäjä|od|от|від|kimden|보낸 ?사람|发件人|寄件者|差出人|送信者"
)
_OTHERS = (
    "sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto|"
    "inviato|data|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|wysłano|do|"
    "temat|отправлено|дата|кому|тема|받는 ?사람|보낸 ?날짜|날짜|제목|참조|发送时间|收件人|主题|"
    "抄送|寄件日期|收件者|主旨|送信日時|日時|宛先|件名|reply-to|importance|attachments|bcc"
)
_FROM_LINE = re.compile(rf"^[ \t*]*(?:{_FROM})[ \t]?\**:[ \t*]*\S", re.I)
_OTHER_LINE = re.compile(rf"^[ \t*]*(?:{_OTHERS})[ \t]?\**:", re.I)
_SUBJECT_LINE = re.compile(
    r"^[ \t*]*(?:subject|betreff|objet|asunto|oggetto|onderwerp|ämne|emne|temat|тема|제목|主题|"
    r"主旨|件名)[ \t]?\**:[ \t*]*(\S[^\n]*)",
    re.I,
)
_RULE = re.compile(
    r"^[ \t]*(?:-{2,}|_{5,}|={5,})[ \t]*(?P<words>\w[^\n]{2,60}?)?"
    r"[ \t]*(?:-{2,}|_{5,}|={5,})?[ \t]*$"
)
_FORWARDED = re.compile(
    r"forward|weitergeleitet|transféré|reenviado|inoltrato|doorgestuurd|vidarebefordra|"
    r"videresend|przekazan|пересыла|전달|转发|轉寄|転送",
    re.I,
)
_ORIGINAL = re.compile(
    r"original|ursprüngliche|d'origine|mensaje|messaggio|oorspronkelijk|원본|원래|原始|元の", re.I
)
_BEGIN_FORWARDED = re.compile(
    r"^(?:begin forwarded message|anfang der weitergeleiteten|début du message|"
    r"inizio messaggio inoltrato|inicio del mensaje)[^\n]*:?$",
    re.I,
)
_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|i|enc|vs|doorst|전달|转发|轉寄|転送)\s*:", re.I
)
# Under any other subject a mail that holds another one passes it on.
_REPLY_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]\n]{1,40}\]\s*)*(?:re|aw|antw|antwort|sv|vs|odp|rif|res|ynt|bls|atb|отв|답장|회신|"
    r"回复|答复|回覆|返信)\s*(?:\[\d+\]|\^\d+)?\s*:",
    re.I,
)
_ATTRIBUTION = re.compile(
    r"(?:wrote|writes|schrieb[^\n]{0,80}|a écrit|escribió|ha scritto|escreveu|schreef[^\n]{0,80}|"
    r"skrev[^\n]{0,80}|napisał[^\n]{0,3}|пишет|писал[^\n]{0,3}|작성|쓰셨습니다|写道|寫道|書きました|"
    r"のメッセージ)[ \t]?:?[ \t]*$",
    re.I,
)
_ATTRIBUTION_BEGINS = re.compile(r"(?:on|am|le|el|il|em|op|den|dnia|w dniu|\d{4})\b", re.I)
_SIGNATURE = re.compile(r"^-- ?$")
_SENT_FROM = re.compile(
    r"^(?:sent from my |sent from outlook|get outlook for|von meinem \w+ gesendet|gesendet von|"
    r"envoyé de mon|enviado desde mi|inviato da|나의 \w+에서 보냄|从我的|iphoneから送信)",
    re.I,
)
_LIST_RULE = re.compile(r"^[ \t]*(?:_{10,}|-{20,}|={20,})[ \t]*$")
_LIST_WORDS = re.compile(
    r"unsubscribe|mailing list|list-?info|stop receiving|"
    r"received this (?:e-?mail|message|newsletter) because|manage (?:your |my )?(?:subscription|"
    r"preferences)|change your preferences|"
    r"removed from (?:this|our) (?:mailing )?list|abmelden|abbestellen|désabonner|désinscri|"
    r"darse de baja|disiscri|uitschrijven|afmelden|отписаться|수신 ?거부|退订|退訂|取消订阅|"
    r"配信停止|購読解除",
    re.I,
)
_ADDRESS = re.compile(
    r"https?://|www\.|mailto:|\w@\w|click (?:here|below)|klicken sie|hier klicken|cliquez|"
    r"haga clic|clicca|klik hier",
    re.I,
)
_TERMS = re.compile(r"\byour use of [^.]{3,60} is subject to\b", re.I)
_SENTENCE_ENDS = re.compile("[.?!。\N{FULLWIDTH QUESTION MARK}]")
_LONGEST_FOOTER = 1_000
_LEGAL = re.compile(
    r"intended (?:solely |only )?(?:for|recipient)|confidential|privileged|disclaimer|"
    r"if you (?:have received|are not)|received this (?:e-?mail|message) in error|"
    r"notify the sender|delete (?:it|this)|vertraulich|irrtümlich|nicht der richtige adressat|"
    r"absender|destinataire|confidentiel|par erreur|confidencial|destinatario|por error|"
    r"riservat[ae]|per errore|기밀|비밀|수신인|잘못 (?:수신|전송)|保密|收件人|机密|機密|誤って",
    re.I,
)
_MOST_HEADER_LINES, _MOST_FOOTER_LINES = 12, 15
_LEGAL_MARKS = 2
_LONGEST_LEGAL = 4_000


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where something begins that is not the sender's own: ``is_forward`` is content again."""

    at: int
    behind: int
    is_forward: bool


def own_words(body: str, subject: str = "") -> str:
    """Return a body without quoted mails, signature, disclaimer and footers.

    A body that holds nothing else is returned as it is.
    """
    lines = body.replace("\r\n", "\n").replace(_WIDE_COLON, ":").split("\n")
    kept = _without_quotes(_sections(lines, subject))
    text = _without_additions("\n".join(kept)).strip()
    return text if any(map(str.isalnum, text)) else body.strip()


def own_words_of_saved(text: str) -> str | None:
    """Return what counts of a mail that was saved as text; None of a text that quotes no mail.

    It quotes one where lines that begin with ``>`` stand below one that says who wrote them.
    """
    lines = text.split("\n") if "\n>" in text else []
    if not any(_QUOTED.match(line) and _is_attributed(lines[:at]) for at, line in enumerate(lines)):
        return None
    return own_words(text, _subject_in(lines[:_MOST_HEADER_LINES]))


def _is_attributed(above: list[str]) -> bool:
    said = [line.strip() for line in above[-3:] if line.strip()]
    return bool(said) and _ATTRIBUTION.search(said[-1]) is not None


def _sections(lines: list[str], subject: str) -> list[str]:
    """Return a body's own lines up to what it quotes; of what it forwards, the lines as well."""
    kept: list[str] = []
    while cut := _cut(lines, subject):
        own = _without_signature(lines[: cut.at])
        kept += [*own, ""]
        if not cut.is_forward and any(map(str.isalnum, "".join(own))):
            return kept
        subject = _subject_in(lines[cut.at : cut.behind])
        lines = lines[cut.behind :]
    return [*kept, *_without_signature(lines)]


def _subject_in(lines: list[str]) -> str:
    """Return the subject that header lines in a body state; empty where there is none."""
    return next((found[1] for line in lines if (found := _SUBJECT_LINE.match(line))), "")


def _cut(lines: list[str], subject: str) -> _Cut | None:
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        rule = _RULE.match(line) if line[:1] in "-_= \t" else None
        words = (rule["words"] or "") if rule else ""
        begins = _BEGIN_FORWARDED.match(line.strip())
        headers = at + 1 if begins or rule else at
        behind = _behind_headers(lines, headers)
        if begins or _FORWARDED.search(words):
            return _Cut(at, behind or at + 1, True)
        if behind and (not words or _ORIGINAL.search(words) or _FROM_LINE.match(lines[at + 1])):
            return _Cut(at, behind, _passes_on(subject))
    return None


def _passes_on(subject: str) -> bool:
    subject = subject.replace(_WIDE_COLON, ":")
    if _FORWARD_SUBJECT.match(subject):
        return True
    return bool(subject.strip()) and not _REPLY_SUBJECT.match(subject)


def _behind_headers(lines: list[str], at: int) -> int | None:
    """Return the place behind a block of header lines that begins at ``at``, or None."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    count, has_sender, start = 0, False, at
    while at < len(lines) and at - start < _MOST_HEADER_LINES:
        line = lines[at]
        is_sender = _FROM_LINE.match(line) is not None
        if is_sender or _OTHER_LINE.match(line):
            has_sender = has_sender or is_sender
            count += 1
        elif not count or not line[:1].isspace() or (count > 1 and not line.strip()):
            # Only a long line of addresses goes on below, set in.
            break
        at += 1
    return at if has_sender and count > 2 else None


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if _QUOTED.match(line):
            _drop_attribution(kept)
        else:
            kept.append(line)
    return kept


def _drop_attribution(kept: list[str]) -> None:
    """Take back the line or two that say who wrote what is quoted next."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not _ATTRIBUTION.search(kept[end - 1].strip()):
        return
    begins_here = _ATTRIBUTION_BEGINS.match(kept[end - 1].strip())
    begins_above = end > 1 and _ATTRIBUTION_BEGINS.match(kept[end - 2].strip())
    del kept[end - (2 if begins_above and not begins_here else 1) :]


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if _SIGNATURE.match(line) or (_SENT_FROM.match(line.strip()) and at + 4 >= len(lines)):
            return lines[:at]
        if _LIST_RULE.match(line) and _is_footer(lines[at + 1 :]):
            return lines[:at]
    return lines


def _is_footer(lines: list[str]) -> bool:
    """Tell the last lines of a mailing list from those of a letter below a rule."""
    below = [line for line in lines if line.strip()]
    return len(below) <= _MOST_FOOTER_LINES and bool(_LIST_WORDS.search("\n".join(below[:6])))


def _without_additions(text: str) -> str:
    """Return a text without its last paragraphs, as long as no person wrote them for the mail."""
    paragraphs = re.split(r"\n[ \t]*\n", text.strip())
    while len(paragraphs) > 1 and _is_added(paragraphs[-1]):
        paragraphs.pop()
    return "\n\n".join(paragraphs)


def _is_added(paragraph: str) -> bool:
    """Tell a disclaimer, and how to leave a list with the address for it."""
    marks = {found[0].casefold() for found in _LEGAL.finditer(paragraph)}
    if len(marks) >= _LEGAL_MARKS and len(paragraph) <= _LONGEST_LEGAL:
        return True
    words = {found[0].casefold() for found in _LIST_WORDS.finditer(paragraph)}
    is_menu = len(words) > 1 and not _SENTENCE_ENDS.search(paragraph)
    leads_on = is_menu or _ADDRESS.search(paragraph) is not None
    is_footer = bool(words) or _TERMS.search(paragraph) is not None
    return leads_on and is_footer and len(paragraph) <= _LONGEST_FOOTER
