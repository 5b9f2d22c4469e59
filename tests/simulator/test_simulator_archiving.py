"""The real yt-dlp, unmodified, archives from the simulator."""

from __future__ import annotations

from pathlib import Path

import av

from ytarchive.simulator import WELL_KNOWN


def stamps(path: Path) -> list[str]:
    """Return what each stream of a file says it is."""
    with av.open(str(path)) as container:
        found = [dict(stream.metadata) for stream in container.streams]
        assert any(True for _ in container.decode(container.streams[0]))
    return [{name.lower(): value for name, value in tags.items()}["handler_name"] for tags in found]


def test_command_line_archives_a_playlist_with_captions_and_thumbnails(youtube, yt_dlp_command, tmp_path):
    names = ("ordinary", "leading_dash", "title_traversal", "short")
    wanted = [WELL_KNOWN[name] for name in names]
    youtube.set_playlist("PLarchive-test01", [wanted[0], WELL_KNOWN["private"], *wanted[1:]])

    done = yt_dlp_command(
        *("--write-subs", "--sub-langs", "en", "--write-thumbnail", "--merge-output-format", "mkv"),
        *(
            "-o",
            "%(id)s.%(ext)s",
            "-S",
            "vcodec:h264",
            "https://www.youtube.com/playlist?list=PLarchive-test01",
        ),
    )

    assert "Private video. Sign in" in done.stderr
    assert done.returncode == 1, done.stderr
    for video_id in wanted:
        video, audio = stamps(tmp_path / f"{video_id}.mkv")
        assert video.startswith(f"ytsim:{video_id}:0137")
        assert audio.startswith(f"ytsim:{video_id}:0251")
        assert (tmp_path / f"{video_id}.webp").read_bytes()[:4] == b"RIFF"
    assert f"{wanted[0]}: manual en" in (tmp_path / f"{wanted[0]}.en.vtt").read_text()
    assert youtube.counters()["foreign"] == {}
    assert youtube.counters()["requests"]["watch"] == 5


def test_command_line_fetches_hls_and_progressive_formats(yt_dlp_command, tmp_path):
    url = f"https://youtu.be/{WELL_KNOWN['ordinary']}"

    done = yt_dlp_command("-f", "270,18", "-o", "%(format_id)s.%(ext)s", url)

    assert done.returncode == 0, done.stderr
    assert stamps(tmp_path / "270.mp4")[0].startswith(f"ytsim:{WELL_KNOWN['ordinary']}:0137")
    assert len(stamps(tmp_path / "18.mp4")) == 2


def test_large_video_is_fetched_in_ranges_under_its_promised_length(youtube, yt_dlp_command, tmp_path):
    youtube.set_video("sim_Huge_12", media_bytes=12_000_000)

    done = yt_dlp_command("-f", "248", "-o", "large.webm", "https://www.youtube.com/watch?v=sim_Huge_12")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "large.webm").stat().st_size == 12_000_000
    assert youtube.counters()["requests"]["media"] == 2
    assert youtube.counters()["bytes"]["media"] == 12_000_000
    assert stamps(tmp_path / "large.webm")[0].startswith("ytsim:sim_Huge_12:0248")
