"""What happened to a video is told in the order of time, from disk, index and journal."""

from __future__ import annotations

from reconciler_house import House

from ytarchive.reconciler import acknowledge, history, open_reading, verify, work_plan
from ytarchive.simulator import WELL_KNOWN, Simulator

ORDINARY, PRIVATE = WELL_KNOWN["ordinary"], WELL_KNOWN["private"]


def test_what_happened_is_told_in_the_order_of_time(house: House, youtube: Simulator) -> None:
    youtube.set_playlist("PLhistoryOfTwo", [ORDINARY, PRIVATE])
    small = "{max: 144p, min: 144p, codecs: [h264]}"
    house.manifest(
        f"playlists:\n  - {{playlist: PLhistoryOfTwo, name: Two, quality: {small}, captions: {{languages: []}}}}\n"
    )
    house.run()
    with house.open() as world:
        verify(world)
        acknowledge(world, work_plan(world).items, until=None, why="it is private")

    with open_reading(house.settings) as world:
        had, had_not, unknown = (history(world, video) for video in (ORDINARY, PRIVATE, "never_heard"))

    assert [one.at for one in had.moments] == sorted(one.at for one in had.moments)
    told = {one.kind: one.text for one in had.moments}
    assert told["listed"] == "listed by PLhistoryOfTwo, as number 1"
    assert told["fetched"].startswith("144p h264 + ")
    assert "by yt-dlp 20" in told["fetched"]
    assert "for Two, manifests " in told["fetched"]
    assert told["verified"] == "all as it was stored"
    told = {one.kind: one.text for one in had_not.moments}
    assert "PRIVATE" in told["job"]
    assert told["decision"].startswith("ignore (PRIVATE)")
    assert "PRIVATE" in told["gone"]
    assert (unknown.title, unknown.moments) == (None, ())
