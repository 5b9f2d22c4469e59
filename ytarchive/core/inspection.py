"""What a look into a media file found: the value that crosses from the process that looks to the one that asks."""

from __future__ import annotations

from dataclasses import dataclass, field

from ytarchive.core.address import parse_video
from ytarchive.core.misread import Misread
from ytarchive.core.selection import Format, FormatKind, label_of

_OWN_ADDRESS = "purl"  # yt-dlp's --embed-metadata writes the page there
_OWN_ID = "youtube_id"
_ADDRESSES = (_OWN_ADDRESS, "comment", "webpage_url", _OWN_ID)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file by its content. `problem`: why it is not whole media; the rest is then what was found until there.

    `codec` and `audio_codec` as in `Format`, None where there is no such stream; `tags` are those of the container,
    names in lower case, values cut. `sha256` (hex) only where it was asked for.
    """

    bytes: int
    problem: str | None = None
    duration_seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    codec: str | None = None
    audio_codec: str | None = None
    hdr: bool = False
    language: str | None = None
    bitrate_kbps: float | None = None
    tags: dict[str, str] = field(default_factory=dict)
    sha256: str | None = None

    @property
    def has_picture(self) -> bool:
        return self.codec is not None

    def as_format(self) -> Format:
        """The file in terms of a format; which one YouTube called it, nobody knows any more."""
        kind: FormatKind = "audio" if self.codec is None else "video" if self.audio_codec is None else "muxed"
        return Format(
            itag="",
            kind=kind,
            label=label_of(None, self.width, self.height) if self.codec else None,
            width=self.width,
            height=self.height,
            fps=self.fps,
            codec=self.codec,
            audio_codec=self.audio_codec,
            hdr=self.hdr,
            bitrate_kbps=self.bitrate_kbps,
            language=self.language,
        )

    def tagged(self, *, strictly: bool = False) -> str | None:
        """The video that the file says it is, by the address in its tags; `strictly`: by the tag that means just that."""
        for name in (_OWN_ADDRESS,) if strictly else _ADDRESSES:
            told = self.tags.get(name, "")
            if name != _OWN_ID and "://" not in told:
                continue  # a comment may be any word, also one of eleven letters
            try:
                return parse_video(told)
            except Misread:
                continue
        return None


def better(inspection: Inspection) -> tuple[object, ...]:
    """A rank among whole files of one video: the label, then the frame rate, the codec, and the amount of data."""
    media = inspection.as_format()
    order = ("h264", "vp9", "av1")
    rank = order.index(media.codec) if media.codec in order else -1
    return (media.label or 0, inspection.fps or 0.0, rank, inspection.bytes)
