"""Classification of one text or file by published classifiers; nothing of it is kept."""

import base64

from pydantic import BaseModel, Field

from cultivar.core.errors import InvalidInput
from cultivar.operations.scoring.classification import (
    Classified,
    classify,
    require_classifying,
    text_of_file,
)
from cultivar.web.api.routing import Body, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.load import Work

router = router_of("classify")


class FileBody(Body):
    """A document in any format that a crawl reads; ``content`` is base64."""

    name: str = Field(min_length=1, max_length=500)
    content: str = Field(min_length=1)


class ClassifyBody(Body):
    """A text or a file; ``words`` asks for that many of the words behind each score."""

    text: str | None = None
    file: FileBody | None = None
    classifiers: list[str] = Field(default=[], max_length=100)
    words: int = Field(default=0, ge=0, le=1_000)


class ClassifyResponse(BaseModel):
    """What each classifier says."""

    results: list[Classified]


@router.post("/classify")
@read_only
async def classify_document(
    context: Context, user: CurrentUser, given: ClassifyBody
) -> ClassifyResponse:
    """Classify a text or a file by the named classifiers, or by every published one."""
    run, asked = context.load.run, (context.workspace, user.actor)
    # what may not be classified is not parsed either
    await run(Work.READING, require_classifying, *asked, given.classifiers)
    text = await _text(context, user, given)
    found = await run(
        Work.READING, classify, *asked, text, given.classifiers,
        models=context.models, words=given.words,
    )  # fmt: skip
    return ClassifyResponse(results=found)


async def _text(context: Context, user: CurrentUser, given: ClassifyBody) -> str:
    if (given.text is None) == (given.file is None):
        raise InvalidInput("text-or-file", "Give either a text or a file.")
    if given.text is not None:
        most = context.workspace.settings.max_characters
        if len(given.text) > most:
            raise InvalidInput(
                "text-too-long",
                f"The text has {len(given.text):,} characters; at most {most:,} are read "
                "(max_characters of the settings). Send less, or in parts.",
            )
        return given.text
    assert given.file is not None  # noqa: S101 - one of both is there
    try:
        content = base64.b64decode(given.file.content, validate=True)
    except ValueError as error:
        raise InvalidInput("bad-base64", "The file's content is not base64.") from error
    most = context.workspace.settings.web_parse_seconds
    return await context.load.run(
        Work.PARSING, text_of_file, context.workspace, user.actor, given.file.name, content,
        seconds=most,
    )  # fmt: skip
