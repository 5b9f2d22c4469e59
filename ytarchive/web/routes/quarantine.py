"""What was taken away, and what people decide about it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from ytarchive.documents import quarantine
from ytarchive.documents.quarantine import QuarantineAnswer, QuarantineDone
from ytarchive.web.answers import TheOffice, document, only_known, reading_much
from ytarchive.web.values import ConfirmWish, EmptyWish, RestoreWish

router = APIRouter(prefix="/api/v1/quarantine", tags=["quarantine"], dependencies=[Depends(only_known)])
_MUCH_SECONDS = 600.0
"""Deleting thousands of items from a slow disk."""


@router.get("", response_model=QuarantineAnswer)
def show(office: TheOffice) -> Response:
    """What lies in quarantine, and what waits for a word before it is taken away."""
    with reading_much(office) as world:
        return document(quarantine.listed(world))


@router.post("/restore", response_model=QuarantineDone)
def restore(office: TheOffice, wish: RestoreWish) -> Response:
    """Put items back, to stay whatever the policies say."""
    if wish.dry_run:
        with office.reading() as world:
            return document(quarantine.restore(world, wish.videos, dry_run=True))
    done = office.ask(lambda world: quarantine.restore(world, wish.videos))
    office.wake("asked through the API: quarantine restore", lists=False)
    return document(done)


@router.post("/empty", response_model=QuarantineDone)
def empty(office: TheOffice, wish: EmptyWish) -> Response:
    """Delete items for good: those that are named, or `all`."""
    if wish.dry_run:
        with office.reading() as world:
            return document(quarantine.empty(world, wish.videos, everything=wish.all, dry_run=True))
    return document(
        office.ask(
            lambda world: quarantine.empty(world, wish.videos, everything=wish.all),
            timeout_seconds=_MUCH_SECONDS,
        )
    )


@router.post("/confirm", response_model=QuarantineDone)
def confirm(office: TheOffice, wish: ConfirmWish) -> Response:
    """Say that what waits may be taken away; with `digest` only if it is that very set."""
    if wish.dry_run:
        with office.reading() as world:
            return document(quarantine.confirm(world, wish.digest, dry_run=True))
    done = office.ask(lambda world: quarantine.confirm(world, wish.digest))
    office.wake("asked through the API: quarantine confirm", lists=False)
    return document(done)
