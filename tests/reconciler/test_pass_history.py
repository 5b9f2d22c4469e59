"""What happened to a video is told in the order of time, from disk, index and journal."""

from __future__ import annotations

from reconciler_house import House, MovedClock, opened

from ytarchive.core.instant import DAY, HOUR
from ytarchive.reconciler import acknowledge, history, open_reading, reconcile_once, verify, work_plan
from ytarchive.reconciler.remembering import read_history
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


def test_what_an_item_was_is_kept_with_it_and_outlives_the_index(house: House, youtube: Simulator) -> None:
    video, clock = "sim_History", MovedClock()
    youtube.set_video(
        video, title="First title", description="First text", best=144, codecs=["avc1"], captions=[]
    )
    house.want([video], quality="{max: 240p, codecs: [h264]}", library="{name: tv}")
    with opened(house, clock) as world:
        reconcile_once(world)
        first = house.item(video)
        assert [file.role for file in first.files] == ["video"]  # nothing changed: nothing to keep

        youtube.set_video(video, title="Second title", description="Second text", best=240)
        clock.ahead = DAY + HOUR
        assert reconcile_once(world).done.updated == 1
        told = history(world, video)
    item = house.item(video)
    assert item.metadata.title == "First title"  # which its names are made of
    assert [file.role for file in item.files].count("history") == 1
    assert len(list(house.root.glob("library/tv/*"))) == 1  # nobody watches a history
    (edition,) = told.editions
    assert (edition.why, edition.got, edition.provenance) == ("upgrade", first.got, first.provenance)
    assert edition.files == first.files
    assert told.provenance == item.provenance
    assert told.offered == item.offered
    moments = [(one.kind, one.text) for one in told.moments]
    assert ("title", "title: First title") in moments
    assert ("description", "description: Second text") in moments
    assert [one.text.split(",")[0] for one in told.moments if one.kind == "fetched"] == [
        "144p h264 + opus",
        "240p h264 + opus",
    ]
    assert any(kind == "replaced" and "nearer to the wish" in text for kind, text in moments)

    for path in house.state.glob("index.sqlite*"):
        path.unlink()
    house.run()
    with open_reading(house.settings) as world:
        again = history(world, video)
    kept = {(one.kind, one.text) for one in again.moments}
    assert {each for each in moments if each[0] in ("title", "description", "fetched", "replaced")} <= kept


def test_another_title_is_kept_though_nothing_is_fetched(house: House, youtube: Simulator) -> None:
    video = "sim_Retitle"
    youtube.set_video(video, title="First title", best=144, codecs=["avc1"], captions=[])
    youtube.set_playlist("PLretitledOne", [video])
    small = "{max: 144p, min: 144p, codecs: [h264]}"
    house.manifest(
        f"playlists:\n  - {{playlist: PLretitledOne, quality: {small}, captions: {{languages: []}}, interval: 1h}}\n"
    )
    clock = MovedClock()
    with opened(house, clock) as world:
        reconcile_once(world)
        before = house.item(video)
        youtube.set_video(video, title="Second title")
        clock.ahead = DAY
        report = reconcile_once(world, whole=True)
        assert (report.exit_code, report.done.updated, report.done.fetched) == (0, 0, 0)
        item = house.item(video)
        assert item.files[:-1] == before.files
        assert item.files[-1].role == "history"
        assert [one.value for one in read_history(world, item).told if one.field == "title"] == [
            "First title",
            "Second title",
        ]
        snapshot = house.snapshot()
        report = reconcile_once(world)
        assert (report.exit_code, report.books.have) == (0, 1)
        files = {name: seen for name, seen in house.snapshot().items() if "/videos/" in f"/{name}"}
        assert files == {name: seen for name, seen in snapshot.items() if "/videos/" in f"/{name}"}
    assert house.staging() == []
