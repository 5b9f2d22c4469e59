"""Channels, filters, metadata and the quota through the command line, in front of the stand-in for YouTube."""

from __future__ import annotations

from cli_project import Project

from ytarchive.simulator import WELL_KNOWN, computed_channel_id, computed_handle
from ytarchive.simulator.process import SimulatorProcess

KEY = "AIza-of-the-command-line"


def test_what_a_filter_leaves_out_is_counted_and_explained(online: Project) -> None:
    channel = computed_channel_id(videos=40, shorts=4, playlists=1, seed="cl1")
    handle = computed_handle(channel)
    online.wish(
        f'version: 1\nchannels:\n  - channel: "{handle}"\n    name: Them\n    include: [videos, shorts, playlists]\n'
        "    where: {kinds: [videos]}\n    keep: {last: 3}\n"
    )
    planned = online.ok("plan")
    assert planned.splitlines()[-1] == "Plan: 3 download, 0 update, 0 remove, 0 blocked"
    (books,) = [line.split() for line in online.ok("status").splitlines() if line.startswith("Them ")]
    assert books[1:5] == ["44", "41", "0", "3"]
    answer = online.json("status")
    assert answer["books"]["excluded"] == 41
    lists = {line["entry"]: line["got"] for line in answer["sources"] if line["source"][:2] == "UU"}
    assert lists == {"Them/videos": 40, "Them/shorts": 4}

    wanted = {action["video"] for action in online.json("plan", "--no-refresh")["plan"]["actions"]}
    assert len(wanted) == 3
    (listed,) = [line for line in answer["sources"] if line["entry"] == "Them/playlists" and line["got"] > 1]
    playlist = online.json("metadata", listed["source"])["known"][0]
    assert (playlist["held"], playlist["entries"]) == (20, ["Them"])
    assert "Them" in online.ok("metadata", handle) or handle in online.ok("metadata", handle)


def test_explain_names_the_rule_that_leaves_a_video_out(online: Project, youtube: SimulatorProcess) -> None:
    left_out, kept = WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"]
    youtube.set_video(left_out, title="A trailer of something")
    youtube.set_playlist("PLcommandLineRule", [left_out, kept])
    online.wish(
        "version: 1\nplaylists:\n  - {playlist: PLcommandLineRule, name: Two, where: {title: {not: [trailer]}}}\n"
    )
    assert online.ok("plan").splitlines()[-1] == "Plan: 1 download, 0 update, 0 remove, 0 blocked"
    told = online.ok("explain", left_out)
    assert "no entry wants it" in told
    (line,) = [line for line in told.splitlines() if line.startswith("Two ")]
    assert line.split()[1:3] == ["excluded", "where.title.not"]
    answer = online.json("explain", left_out)
    assert [(one["entry"], one["outcome"], one["rule"]) for one in answer["standing"]] == [
        ("Two", "excluded", "where.title.not")
    ]
    assert [(one["source"], one["position"]) for one in answer["history"]] == [("PLcommandLineRule", 0)]


def test_metadata_is_asked_for_once_and_again_on_demand(online: Project, youtube: SimulatorProcess) -> None:
    video = "metadata-01"
    youtube.set_video(video, title="The first title")
    first = online.json("metadata", video)["known"][0]
    assert (first["kind"], first["record"]["title"], first["on_disk"]) == ("video", "The first title", False)
    assert [text["field"] for text in first["texts"]][-1] == "title"
    youtube.set_video(video, title="Another title")
    assert online.json("metadata", video)["known"][0]["record"]["title"] == "The first title"
    again = online.json("metadata", "--refresh", video)["known"][0]
    assert again["record"]["title"] == "Another title"
    titles = [text["value"] for text in again["texts"] if text["field"] == "title"]
    assert titles == ["The first title", "Another title"]
    youtube.set_video(video, case="removed")
    gone = online.json("metadata", "--refresh", video, code=1)["known"][0]
    assert gone["record"]["title"] == "Another title"
    assert gone["tombstone"]["confirmed_at"] is None
    assert "Another title" in online.ok("metadata", video)


def test_metadata_of_a_video_that_never_was_is_an_error_and_no_traceback(online: Project) -> None:
    done = online.run("metadata", WELL_KNOWN["removed"])
    assert done.returncode == 1
    assert "REMOVED" in done.stdout
    assert online.run("metadata", "not a video at all").returncode == 64


def test_units_of_the_data_api_are_counted_and_the_key_is_never_told(
    online: Project, youtube: SimulatorProcess
) -> None:
    youtube.set_api_key(KEY, 10_000)
    online.write("key", KEY + "\n")
    with (online.folder / "ytarchive.toml").open("a") as settings:
        settings.write('[youtube]\napi_key_file = "key"\nquota = 500\n')
    online.wish("version: 1\nplaylists:\n  - PLn0000120-quota\n")
    told = online.ok("-v", "plan")
    answer = online.json("status", "--quota")
    assert (answer["key"], answer["budget"], answer["total"]) == (True, 500, 4)
    assert answer["left"] == 496
    assert "4 of 500" in online.ok("status", "--quota")
    written = "".join(
        path.read_text(errors="replace") for path in (online.folder / "state").rglob("*") if path.is_file()
    )
    assert KEY not in told + written
    assert online.run("status", "--quota", WELL_KNOWN["ordinary"]).returncode == 64


def test_a_key_file_that_cannot_be_read_is_told_with_its_cure(online: Project) -> None:
    with (online.folder / "ytarchive.toml").open("a") as settings:
        settings.write('[youtube]\napi_key_file = "nowhere"\n')
    done = online.run("reconcile", "--once")
    assert done.returncode in (1, 78)
    assert "nowhere" in done.stderr
    assert "cure:" in done.stderr


def test_full_and_no_refresh_contradict_each_other(online: Project) -> None:
    assert online.run("plan", "--full", "--no-refresh").returncode == 64
    online.wish("version: 1\nplaylists:\n  - PLn0000003-full\n")
    online.ok("plan")
    assert "unchanged" in online.ok("plan")
    assert "3 listed" in online.ok("plan", "--full")
