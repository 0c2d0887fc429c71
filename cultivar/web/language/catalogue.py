"""What the contract lets a client ask of the service itself: languages and training versions."""

from typing import Annotated, Any

from fastapi import Depends, Query

from cultivar.core.projects.names import Kind, kind_named
from cultivar.web.language.models import NEVER
from cultivar.web.language.wire import AUTHORING, Listing, Paging, listing, router_of

router = router_of(f"{AUTHORING}/global", "authoring")
# The encoder is English; words and n-grams serve any language.
LANGUAGES = {
    "af": "Afrikaans", "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "en-us": "English (US)", "en-gb": "English (UK)",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hu": "Hungarian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nb": "Norwegian", "nl": "Dutch",
    "pl": "Polish", "pt-br": "Portuguese (Brazil)", "pt-pt": "Portuguese (Portugal)",
    "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "zh-hans": "Chinese (Simplified)",
}  # fmt: skip
VERSIONS = ("2022-05-01",)


async def known_kind(
    kind: Annotated[str | None, Query(alias="projectKind", max_length=100)] = None,
) -> Kind | None:
    """Return the kind of project that is asked about; what is known is so for both.

    Raises:
        InvalidInput: code ``unknown-project-kind``.
    """
    return None if kind is None else kind_named(kind)


ProjectKind = Annotated[Kind | None, Depends(known_kind)]


@router.get("/languages", response_model=Listing, response_model_exclude_none=True)
def list_languages(paging: Paging, _kind: ProjectKind) -> dict[str, Any]:
    """List languages that a project may state; the features serve any other too."""
    found = [{"languageCode": code, "languageName": name} for code, name in LANGUAGES.items()]
    return listing(paging, found)


@router.get("/training-config-versions", response_model=Listing, response_model_exclude_none=True)
def list_versions(paging: Paging, _kind: ProjectKind) -> dict[str, Any]:
    """List training configurations; models do not expire."""
    found = [{"trainingConfigVersion": each, "modelExpirationDate": NEVER} for each in VERSIONS]
    return listing(paging, found)
