"""What people do on the page: decide about items, have lists looked at, sign in and out. Forms, answered by 303.

The guards before every route have checked by now that the form was sent from our own page by somebody signed in.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ytarchive.documents import quarantine
from ytarchive.errors import UsageError
from ytarchive.web.keys import COOKIE
from ytarchive.web.page import looking, work_plan
from ytarchive.web.page.answering import HEADERS, PageRoute, html, keys_of, office_of

SESSION_SECONDS = 90 * 86_400


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise UsageError("a form was expected", cure="use the page's own buttons")
    try:
        told = parse_qs((await request.body()).decode(), max_num_fields=20)
    except ValueError as error:
        raise UsageError("the form cannot be read", cure="use the page's own buttons") from error
    return {name: values[-1] for name, values in told.items()}


Form = Annotated[dict[str, str], Depends(_form)]
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute)


@router.post("/workplan")
def decide(request: Request, form: Form) -> RedirectResponse:
    """What a button of the work plan says; afterwards the page that it was on is shown anew."""
    deed = work_plan.Deed(
        what=form.get("do", ""),
        subject=form.get("subject") or None,
        cause=form.get("cause") or None,
        entry=form.get("entry") or None,
        why=form.get("why", "")[:200],
        until=form.get("until", ""),
    )
    office = office_of(request)
    count = office.ask(lambda world: work_plan.carry_out(world, deed))
    office.wake(f"{deed.what}, by a person on the page")
    if form.get("back") == "video" and deed.subject:
        return _on_to(f"/videos/{quote(deed.subject)}")
    told = f"told={quote(deed.what)}&count={count}"
    narrowed = f"&entry={quote(deed.entry)}" if deed.entry else ""
    return _on_to(f"/workplan?{told}{narrowed}")


@router.post("/removals")
def let_go(request: Request, form: Form) -> RedirectResponse:
    """Confirm what waits to be taken away, if it is what the page showed."""
    office = office_of(request)
    digest = form.get("digest")
    office.ask(lambda world: quarantine.confirm(world, digest))
    office.wake("confirmed by a person on the page", lists=False)
    return _on_to("/")


@router.post("/entries/{name:path}")
def look_at_entry(request: Request, name: str) -> RedirectResponse:
    """Read the lists of one entry now."""
    office = office_of(request)
    with office.reading() as world:
        looking.require(world, name)
    office.wake("a person on the page", entry=name)
    return _on_to(f"/entries/{quote(name)}")


@router.get("/sign-in")
def sign_in_page(
    request: Request, next_: Annotated[str, Query(alias="next", max_length=300)] = "/"
) -> HTMLResponse:
    return _signing_in(request, next_)


@router.post("/sign-in", response_model=None)
def sign_in(request: Request, form: Form) -> HTMLResponse | RedirectResponse:
    """The token, shown once, is exchanged for a cookie that no script can read and no other page sends."""
    keys, next_ = keys_of(request), form.get("next", "/")
    if not keys.is_token(form.get("token", "").strip()):
        return _signing_in(request, next_, refused=True)
    answer = _on_to(_here(next_))
    answer.set_cookie(
        COOKIE, keys.session, max_age=SESSION_SECONDS, httponly=True, samesite="strict", path="/"
    )
    return answer


@router.post("/sign-out")
def sign_out() -> RedirectResponse:
    answer = _on_to("/")
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
    return answer


def _signing_in(request: Request, next_: str, *, refused: bool = False) -> HTMLResponse:
    settings = office_of(request).settings
    file = settings.server.token_file or settings.state.path / "token"
    return html(
        "sign-in.html",
        request,
        status=401 if refused else 200,
        next=_here(next_),
        refused=refused,
        token_file=str(file),
    )


def _here(path: str) -> str:
    """A path of this page; whatever could lead elsewhere becomes the first page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and path != "/sign-out" else "/"


def _on_to(path: str) -> RedirectResponse:
    """303: asked for anew, so that a reload does not do it again."""
    return RedirectResponse(path, 303, HEADERS)
