"""Room on the archive's disk, and where a video is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ytarchive.core.halts import fits
from ytarchive.core.space import Space
from ytarchive.reconciler import World
from ytarchive.reconciler.space import reserved_by, space
from ytarchive.web.answers import TheOffice, VideoId, document, only_known
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal
from ytarchive.web.values import FileLine, Places, Room, RoomWish

router = APIRouter(prefix="/api/v1/storage", tags=["storage"], dependencies=[Depends(only_known)])


@router.get("/check/{video}", response_model=Room)
def check(
    office: TheOffice, video: VideoId, expected_bytes: Annotated[int, Query(ge=0, le=2**50)] = 0
) -> Response:
    """Whether a video of this size would fit, beside what running downloads have reserved."""
    with office.reading() as world:
        return document(_room(office, world, video, expected_bytes))


@router.post("/prepare/{video}", response_model=Room)
def prepare(office: TheOffice, video: VideoId, wish: RoomWish) -> Response:
    """The same, and 409 when it does not fit. `staging` is where its parts would be; a download makes its own folder."""
    with office.reading() as world:
        room = _room(office, world, video, wish.expected_bytes)
    if not room.fits:
        raise Refusal(
            409,
            f"{video} does not fit: {room.free_bytes:,} bytes are free, {room.reserved_bytes:,} of them reserved, "
            f"{2 * room.expected_bytes:,} are needed and {room.min_free_bytes:,} must stay free",
            "free some space, or lower archive.min_free",
        )
    return document(room)


@router.get("/usage", response_model=Space)
def usage(office: TheOffice, without: Annotated[list[str], Query(max_length=100)] = []) -> Response:  # noqa: B006 - read alone
    """What takes how much room, by entry, view, channel and codec; what could be free, and what the backlog may need.

    `without` names entries: what would be free if all of them went.
    """
    with office.reading() as world:
        reserved = reserved_by(office.live.running())
        return document(space(world, reserved_bytes=reserved, without=without))


@router.get("/path/{video}", response_model=Places)
def path(office: TheOffice, video: VideoId) -> Response:
    """Where the files of a video are, in the archive and in the library. 404 when it is not here."""
    with office.reading() as world:
        item = world.item(video)
        if item is None:
            raise Refusal(404, f"{video} is not in the archive", f"GET /api/v1/videos/{video} tells why")
        folder = world.archive.root / "videos" / item.shard / video
        library = tuple(
            str(world.archive.root / "library" / view.view / view.path) for view in world.index.views(video)
        )
    files = tuple(
        FileLine(file.role, str(folder / file.name), file.bytes, file.sha256) for file in item.files
    )
    return document(Places(video, str(folder), files, library))


def _room(office: Office, world: World, video: str, expected: int) -> Room:
    free, least = world.archive.free_bytes(), world.settings.archive.min_free_bytes
    reserved = reserved_by(office.live.running())
    return Room(
        video=video,
        free_bytes=free,
        reserved_bytes=reserved,
        min_free_bytes=least,
        expected_bytes=expected,
        fits=fits(free, reserved, expected, least),
        on_disk=world.index.item_location(video) is not None,
        staging=str(world.archive.tree.staging),
    )
