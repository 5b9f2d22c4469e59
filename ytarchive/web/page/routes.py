"""The pages and what they are made of. Every answer is whole HTML; `now` is the part that the script fetches again."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from ytarchive.core.address import VIDEO_PATTERN
from ytarchive.reconciler.space import reserved_by, space
from ytarchive.web.page import deeds, looking, overview, video, work_plan
from ytarchive.web.page.answering import PageRoute, html, office_of
from ytarchive.web.page.failing import NotThere

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute)

_STATIC = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PARTS_SHOWN = 50
"""So many channels, the largest first: there may be thousands."""
Text = Annotated[str | None, Query(max_length=200)]
Page = Annotated[int, Query(ge=1, le=100_000)]
VideoId = Annotated[str, Path(pattern=f"^{VIDEO_PATTERN}$")]


@router.get("/")
def first_page(request: Request) -> HTMLResponse:
    office = office_of(request)
    with office.reading() as world:
        shown = overview.overview(office, world)
    return html("overview.html", request, view=shown)


@router.get("/page/now")
def first_page_now(request: Request) -> HTMLResponse:
    return html("now.html", request, now_view=overview.now_of(office_of(request)))


@router.get("/workplan")
def work_plan_page(
    request: Request,
    cause: Text = None,
    entry: Text = None,
    page: Page = 1,
    told: Text = None,
    count: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    with office_of(request).reading() as world:
        view = work_plan.review(world, cause or None, entry or None, page)
        now = world.clock.now()
    done = work_plan.DEEDS.get(told or "")
    return html(
        "workplan.html", request, view=view, now=now, done=done.told if done else None, done_count=count
    )


@router.get("/space")
def space_page(request: Request) -> HTMLResponse:
    office = office_of(request)
    with office.reading() as world:
        view = space(world, reserved_bytes=reserved_by(office.live.running()))
    return html("space.html", request, view=view, shown=PARTS_SHOWN)


@router.get("/search")
def search_page(request: Request, q: Text = None) -> HTMLResponse:
    text = (q or "").strip()
    with office_of(request).reading() as world:
        lines, more = looking.search(world, text)
        now = world.clock.now()
    return html("search.html", request, text=text, lines=lines, more=more, now=now)


@router.get("/entries/{name:path}")
def entry_page(request: Request, name: str, page: Page = 1) -> HTMLResponse:
    office = office_of(request)
    with office.reading() as world:
        view = looking.entry(office, world, name, page)
        now = world.clock.now()
    return html("entry.html", request, view=view, now=now)


@router.get("/videos/{id_}")
def video_page(request: Request, id_: VideoId) -> HTMLResponse:
    with office_of(request).reading() as world:
        view = video.video(world, id_)
        now = world.clock.now()
    return html("video.html", request, view=view, now=now)


@router.get("/videos/{id_}/picture")
def video_picture(request: Request, id_: VideoId) -> Response:
    with office_of(request).reading() as world:
        path, kind = video.picture(world, id_)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return FileResponse(path, media_type=kind, headers={**headers, "Cache-Control": "private, max-age=3600"})


@router.get("/static/{name}")
def static(name: str) -> Response:
    if name not in _STATIC:
        raise NotThere(f"there is no file {name!r}")
    body = (files("ytarchive.web.page") / "static" / name).read_bytes()
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return Response(body, media_type=_STATIC[name], headers=headers)


router.include_router(deeds.router)
