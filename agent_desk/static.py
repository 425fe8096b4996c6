"""The front end as it was built, held in memory: few files, read once, nothing else of the disk in reach."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from pathlib import Path

import msgspec
from aiohttp import web

from agent_desk.http.errors import NOT_FOUND, ApiError, Refusal

NOT_BUILT = Refusal(
    503, "not-built", "前端尚未构建,请运行 ./hotline setup", "the front end is not built: run ./hotline setup"
)
WORTH_PACKING = 1024
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose name holds a hash of what is in them."""
ASK_AGAIN = "no-cache"


class StaticFile(msgspec.Struct, frozen=True):
    """A file to be served; `packed` is it in gzip, where that is shorter."""

    body: bytes
    packed: bytes | None
    content_type: str
    etag: str
    cache: str


class FrontEnd:
    """The files below `folder`; every path that is no file is the application's own: its `index.html`."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": _read(path, folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a GET or HEAD."""
        file = self._files.get(request.path)
        if file is None and "." not in request.path.rpartition("/")[2]:
            file = self._files.get("/index.html")
            if file is None:
                raise ApiError(NOT_BUILT)
        if file is None:
            raise ApiError(NOT_FOUND)
        headers = {"ETag": f'"{file.etag}"', "Cache-Control": file.cache, "Vary": "Accept-Encoding"}
        if file.etag in {tag.value for tag in request.if_none_match or ()}:
            return web.Response(status=304, headers=headers)
        body = file.body
        if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = file.packed, "gzip"
        headers["Content-Type"] = file.content_type
        return web.Response(body=body, headers=headers)


def _read(path: Path, folder: Path) -> StaticFile:
    body = path.read_bytes()
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= WORTH_PACKING else None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    named_by_content = path.relative_to(folder).parts[0] == "assets"
    return StaticFile(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) * 0.9 else None,
        content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=hashlib.sha256(body).hexdigest()[:32],
        cache=FOR_EVER if named_by_content else ASK_AGAIN,
    )
