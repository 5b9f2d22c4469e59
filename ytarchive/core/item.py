"""A committed video as `item.json` tells it (archive format 1): the commit marker, written last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ytarchive.core.chapters import Chapter
from ytarchive.core.desired import Target
from ytarchive.core.identity import GUEST
from ytarchive.core.instant import Instant
from ytarchive.core.selection import Format
from ytarchive.core.sponsor import Sponsors

FORMAT = 1
Role = Literal["video", "audio", "caption", "thumbnail", "info_json", "description", "history"]
Adopted = Literal["as-is", "compared"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of an item: its name beside item.json, size in bytes, SHA-256 in hex, and what it is for."""

    name: str
    bytes: int
    sha256: str
    role: Role
    language: str | None = None
    automatic: bool | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """The formats that the media files were made of, and whether something better may come.

    `because` is the code of what kept it from being what the wish would have got of the formats that YouTube has:
    formats that could not be had (JS_FAIL, SABR_ONLY ...), MERGE_FAIL where only an mkv could be made of them, or
    LIVE_NOW where a stream was recorded while it ran.
    `adopted`: the files came from another tool. "as-is": they answer every wish for media of their kind; "compared":
    their label is compared with the wish, and what lies beside is looked for.
    """

    video: Format | None = None
    sound: Format | None = None
    audio: Format | None = None
    container: str = "mkv"
    below_wish: bool = False
    duration_seconds: float | None = None
    because: str | None = None
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a video, from an allow-list of fields; text is as YouTube gave it, never trusted."""

    title: str
    channel: str | None = None
    channel_id: str | None = None
    uploaded_on: str | None = None
    duration_seconds: float | None = None
    availability: str | None = None
    live_status: str | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """Where an adopted item came from: the name of its media file (never its folder), the tool, and what told the id.

    `by`: "state" (the tool's own records), "info.json", "name", or "tags".
    """

    file: str
    tool: str
    by: str

    @property
    def words(self) -> str:
        """`adopted from T [id].mkv, made by ytdl-sub, known by its records`; the file's name is not cleaned."""
        known = {"state": f"the records of {self.tool}", "info.json": "the info.json beside it"}
        return (
            f"adopted from {self.file}, made by {self.tool}, known by {known.get(self.by, f'its {self.by}')}"
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the item came to be: engine versions, client, time, the manifest generations that wanted it, and as whom.

    Of what was `adopted` the time is that of the adoption; the engine is known where the tool left word of it.
    """

    engine: str
    ejs: str | None
    client: str | None
    fetched_at: Instant
    generation: str
    identity: str = GUEST
    adopted: Adoption | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One video on disk. `shard` is a locality hint given once, never identity. `target` is its digest.

    `chapters` are the video's own, as its page had them with the media; None: nobody knows. `sponsors` is what SponsorBlock
    said of it; None where it was not asked, or did not answer.
    """

    id: str
    shard: str
    wanted_by: tuple[str, ...]
    wanted: Target
    target: str
    offered: tuple[Format, ...]
    got: Got
    files: tuple[FileRecord, ...]
    metadata: Metadata
    provenance: Provenance
    captions_missing: tuple[str, ...] = ()
    episode: int | None = None
    chapters: tuple[Chapter, ...] | None = None
    sponsors: Sponsors | None = None
    format: int = field(default=FORMAT)
