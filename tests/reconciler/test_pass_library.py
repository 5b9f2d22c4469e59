"""The library in layouts of media servers: paths that stay, whatever lists, titles, the index and manifests do."""

from __future__ import annotations

import os

from pass_shelf import LIST, commit, listed, shown
from reconciler_house import SMALL, House

from ytarchive.core.item import Metadata
from ytarchive.reconciler import rebuild_index
from ytarchive.reconciler.linking import link_all
from ytarchive.simulator import Simulator, numbered_video_id

EPISODES = int(os.environ.get("YTARCHIVE_TEST_EPISODES", "60"))


def test_a_manifest_moves_links_and_no_byte(house: House, youtube: Simulator) -> None:
    videos = [numbered_video_id("library", number) for number in range(3)]
    for video in videos:
        youtube.set_video(video, case="public")
    house.want(videos, sidecars="[thumbnail, description]", library="{name: TV, layout: jellyfin}")
    assert house.run().exit_code == 0
    first = shown(house)
    masters = {path.stat().st_ino for path in house.root.glob("videos/*/*/*.mkv")}
    assert {*first.values()} == masters
    assert all("/Season " in path and path.startswith("TV/") for path in first)
    library = house.root / "library" / "TV"
    for suffix in (".nfo", "-thumb.jpg"):
        assert len([path for path in library.rglob(f"*{suffix}") if path.name != "tvshow.nfo"]) == 3
    assert list(library.glob("*/tvshow.nfo"))

    house.want(videos, sidecars="[thumbnail, description]", library="{name: TV}")
    report = house.run()
    assert (report.exit_code, report.done.fetched, report.done.updated) == (0, 0, 0)
    assert {*shown(house).values()} == masters
    assert all(path.count("/") == 1 for path in shown(house))

    house.want(videos, sidecars="[thumbnail, description]", library="{name: TV, layout: jellyfin}")
    house.run()
    assert shown(house) == first


def test_paths_outlive_order_removals_titles_and_the_index(house: House) -> None:
    videos = [numbered_video_id("episodes", number) for number in range(EPISODES)]
    house.manifest(
        f"playlists:\n  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {{name: TV, layout: jellyfin}}}}\n"
    )
    with house.open() as world:
        listed(world, videos)
        for number, video in enumerate(videos):
            commit(world, video, f"Episode {number}", f"2026-01-{number % 7 + 1:02}")
        assert link_all(world) == 2 * EPISODES
    before = shown(house)
    assert len(before) == EPISODES
    days = [path.split(" - ")[0].rpartition(" ")[2] for path in before]
    assert len({*days}) == EPISODES

    with house.open() as world:
        removed, kept = videos[: EPISODES // 10], videos[EPISODES // 10 :]
        listed(world, [*reversed(kept)])
        for video in kept[: EPISODES // 5]:
            world.index.record_metadata(
                video, Metadata("A new title", channel="A new name"), world.clock.now()
            )
        link_all(world)
    assert shown(house) == before
    assert {path for path in before if any(video in path for video in removed)} <= {*shown(house)}

    rebuild_index(house.settings)
    with house.open() as world:
        listed(world, kept)
        link_all(world)
    assert shown(house) == before


def test_titles_are_followed_where_a_view_says_so(house: House) -> None:
    videos = [numbered_video_id("followed", number) for number in range(4)]
    view = "{name: TV, layout: jellyfin, follow_titles: true}"
    house.manifest(f"playlists:\n  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {view}}}\n")
    with house.open() as world:
        listed(world, videos, "First")
        for video in videos:
            commit(world, video, "First", "2026-01-01")
        assert link_all(world) == 2 * len(videos)
        before = shown(house)
        assert link_all(world) == 0
        listed(world, videos[:2], "Second", was=videos)
        assert link_all(world) == 2 * 2
        after = shown(house)
        assert link_all(world) == 0
    assert sorted(after.values()) == sorted(before.values())
    assert len([path for path in after if " - Second [" in path]) == 2

    rebuild_index(house.settings)
    with house.open() as world:
        listed(world, [], was=videos)  # a list that tells no titles
        link_all(world)
        assert shown(house) == after
        listed(world, videos, "Second")
        link_all(world)
    assert len([path for path in shown(house) if " - Second [" in path]) == 4

    house.manifest(
        f"playlists:\n  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {{name: TV, layout: jellyfin}}}}\n"
    )
    with house.open() as world:
        link_all(world)
    assert shown(house) == before
