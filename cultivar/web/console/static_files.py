"""The console's own files: its style, its one script, its sign."""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from cultivar.web.console import PREFIX
from cultivar.web.console.rendering import STATIC

router = APIRouter(prefix=f"{PREFIX}/static")
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@router.get("/{name}")
async def file(name: str) -> Response:
    """Return one file; its address changes with it, so a browser may keep it for good."""
    if name not in STATIC:
        raise HTTPException(404)
    kind = _KINDS[name.rpartition(".")[2]]
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(STATIC[name], media_type=kind, headers=headers)
