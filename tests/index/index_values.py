"""Values to put into an index: short to write, and different where a test looks."""

from __future__ import annotations

from collections.abc import Iterable

from ytarchive.adapters.index import Index
from ytarchive.core.desired import CaptionWish, Entry, Quality, Target, target_digest, unite
from ytarchive.core.failure import Evidence, Failure
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary
from ytarchive.core.selection import Format

NOW = 1_790_000_000
MAY_1 = 1_714_521_600
"""The day on which `item` says that its video was uploaded."""
HD = Target(video=Quality(max=1080))
SD = Target(video=Quality(max=480))
GERMAN = Target(video=Quality(max=480), captions=(CaptionWish("de", required=True),))
ENGLISH = Target(video=Quality(max=480), captions=(CaptionWish("en"),))


def digest(*wishes: Target) -> str:
    return target_digest(unite(wishes))


def playlist(name: str, wish: Target = HD, **more: object) -> Entry:
    return Entry(**{"name": name, "kind": "playlist", "source": f"PL-{name}", "wish": wish, **more})  # type: ignore[arg-type]


def single(name: str, *videos: str, wish: Target = HD, **more: object) -> Entry:
    return Entry(name, "videos", f"videos:{name}", wish, videos, **more)  # type: ignore[arg-type]


def lines(videos: Iterable[str]) -> list[ListedVideo]:
    return [ListedVideo(video, title=f"Title of {video}") for video in videos]


def list_source(
    index: Index, source: str, videos: Iterable[str], completeness: str = "complete", now: int = NOW
) -> object:
    """One listing, in one page; what `finish_listing` says."""
    page = lines(videos)
    index.begin_listing(source, now)
    index.add_listed(source, page, 0)
    summary = ListingSummary(completeness, len(page), len(page), title=f"List {source}")  # type: ignore[arg-type]
    return index.finish_listing(source, summary, now, now + 3600)


def item(video: str, wish: Target = HD, **more: object) -> Item:
    united = unite([wish])
    picture = Format(
        "137", "video", label=1080, width=1920, height=1080, fps=30.0, codec="h264", clen=5_000_000
    )
    sound = Format("251", "audio", audio_codec="opus", bitrate_kbps=130.5, language_preference=10)
    values: dict[str, object] = {
        "id": video,
        "shard": "_",
        "wanted_by": ("list",),
        "wanted": united,
        "target": target_digest(united),
        "offered": (picture, sound),
        "got": Got(video=picture, sound=sound, duration_seconds=61.5),
        "files": (
            FileRecord(f"{video}.0123456789.mkv", 1000, "0" * 64, "video"),
            FileRecord(f"{video}.0123456789.en.vtt", 10, "1" * 64, "caption", language="en"),
        ),
        "metadata": Metadata(f"Title of {video}", "Channel", "UC" + "x" * 22, "2024-05-01", 61.5),
        "provenance": Provenance("2026.10.26", "0.8.0", "tv", NOW, "0" * 64),
    }
    return Item(**{**values, **more})  # type: ignore[arg-type]


def keep(index: Index, video: str, wish: Target = HD, late_due_at: int | None = None, **more: object) -> None:
    index.record_item(item(video, wish, **more), dir_mtime_ns=7, late_due_at=late_due_at)


def failure(
    code: str = "TIMEOUT", kind: str = "transient", message: str = "timed out", status: int | None = None
) -> Failure:
    return Failure(code, kind, Evidence("download", message, status=status))  # type: ignore[arg-type]


def ids(rows: Iterable[object]) -> list[str]:
    return [row.video for row in rows]  # type: ignore[attr-defined]
