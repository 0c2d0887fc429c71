"""Pages from templates: a page is a dataclass, whose fields are all that its template may use."""

import json
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cultivar.web.console import PREFIX
from cultivar.web.console.languages import KNOWN
from cultivar.web.console.visits import Visit

HERE = Path(__file__).parent
STATIC = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}


@dataclass(frozen=True, slots=True)
class Page:
    """What every page shows; a page adds fields of its own and names its template."""

    template: ClassVar[str]
    visit: Visit


def address(*parts: str) -> str:
    """Return the address of a page of the console, its parts quoted."""
    return "/".join([PREFIX, *(quote(part, safe="") for part in parts)])


def static_address(name: str) -> str:
    """Return the address of a file, which changes with the file."""
    return f"{PREFIX}/static/{name}?v={sha256(STATIC[name]).hexdigest()[:12]}"


GLOBALS = {"address": address, "static": static_address, "languages": KNOWN, "prefix": PREFIX}


def environment() -> Environment:
    """Return the templates: everything is escaped, and a name that nothing has is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= GLOBALS
    return made


class Renderer:
    """Makes answers of pages; one for all requests."""

    def __init__(self) -> None:
        self._by_language: dict[str, Environment] = {}

    def page(self, page: Page, status: int = 200) -> Response:
        """Return a page as an answer, in the language of the visit."""
        language = page.visit.language
        if language.code not in self._by_language:
            made = environment()
            made.install_gettext_translations(language.words, newstyle=True)  # type: ignore[attr-defined]
            self._by_language[language.code] = made
        values = {each.name: getattr(page, each.name) for each in fields(page)}
        template = self._by_language[language.code].get_template(page.template)
        return HTMLResponse(template.render(values), status)

    def json(self, value: Any, status: int = 200) -> Response:
        """Return an answer to the page's own script."""
        return Response(json.dumps(value), status, media_type="application/json")
