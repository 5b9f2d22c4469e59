"""Small real media: each kind is encoded once by ffmpeg, and every video gets its own bytes by patching.

A template carries a placeholder in its container metadata: the file's `comment`, and each stream's `handler_name`,
which survives stream copy into MP4 and Matroska. Serving a file replaces the placeholder with a stamp of equal
length that names the video, the itag, the audio track and the revision, and pads the file to its promised length
(an ISO `free` box, an EBML `Void`), so lengths are known before anything is encoded.

The picture is one colour and the sound one tone. Padding does not survive a remux.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

TEMPLATE_VERSION = 1
CACHE_VARIABLE = "YTARCHIVE_SIMULATOR_CACHE"
_PLACEHOLDER = "ytsim:@@@@@@@@@@@:0000:________:0000"

_FRAGMENTED = ("-movflags", "+frag_keyframe+delay_moov+default_base_moof+global_sidx", "-f", "mp4")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-lag-in-frames", "0",
        "-tile-columns", "4", "-g", "999", "-b:v", "100k", "-f", "webm")  # fmt: skip
_AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-crf", "50")
_HDR = (
    "-pix_fmt",
    "yuv420p10le",
    "-color_primaries",
    "bt2020",
    "-color_trc",
    "smpte2084",
    "-colorspace",
    "bt2020nc",
)
_AVC = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_ENCODERS: dict[str, tuple[str, ...]] = {
    "avc1": (*_AVC, *_FRAGMENTED),
    "vp9": ("-pix_fmt", "yuv420p", *_VP9),
    "vp9.hdr": ("-profile:v", "2", *_HDR, *_VP9),
    "av01": ("-pix_fmt", "yuv420p", *_AV1, *_FRAGMENTED),
    "av01.hdr": (*_HDR, *_AV1, *_FRAGMENTED),
    "aac": ("-c:a", "aac", "-b:a", "32k", *_FRAGMENTED),
    "opus": ("-c:a", "libopus", "-b:a", "32k", "-f", "webm"),
    "progressive": (*_AVC, "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart", "-f", "mp4"),
}
_WITH_SOUND = frozenset({"aac", "opus", "progressive"})


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a template is made from; `kind` is a codec, or `progressive` for picture and sound in one file."""

    kind: str
    seconds: int
    width: int = 0
    height: int = 0

    @property
    def has_picture(self) -> bool:
        """Whether there is a video stream."""
        return self.width > 0

    @property
    def is_webm(self) -> bool:
        """Whether the container is WebM; otherwise it is MP4."""
        return self.kind.startswith(("vp9", "opus"))

    @property
    def file_name(self) -> str:
        """Return the template's name in the cache."""
        return f"{self.kind}-{self.width}x{self.height}-{self.seconds}s.{'webm' if self.is_webm else 'mp4'}"


def nominal_bytes(recipe: Recipe) -> int:
    """Return the length every file of a recipe is padded to; a bound that is safely above what the encoders make."""
    length = 4096
    if recipe.has_picture:
        area = recipe.width * recipe.height
        length += area // 128 + recipe.seconds * (area // 256 + 1024)
    if recipe.kind in _WITH_SOUND:
        length += 4096 + recipe.seconds * 8192
    return length


def stamp(video_id: str, itag: int, language: str, revision: int) -> str:
    """Return the text found in a served file's metadata, for example `ytsim:dQw4w9WgXcQ:0140:en-US.4_:0000`."""
    return f"ytsim:{video_id}:{itag:04d}:{language[:8]:_<8}:{revision:04d}"


class MediaLibrary:
    """The templates, made when first asked for and kept on disk between runs."""

    def __init__(self, cache_directory: Path | None = None) -> None:
        self._directory = cache_directory or default_cache_directory()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._templates: dict[Recipe, bytes] = {}
        self._locks: dict[Recipe, threading.Lock] = {}
        self._lock = threading.Lock()

    def template(self, recipe: Recipe) -> bytes:
        """Return the file with the placeholder still in it, encoding it if nobody has yet."""
        found = self._templates.get(recipe)
        if found is not None:
            return found
        with self._lock:
            lock = self._locks.setdefault(recipe, threading.Lock())
        with lock:
            if recipe not in self._templates:
                self._templates[recipe] = self._load(recipe)
            return self._templates[recipe]

    def _load(self, recipe: Recipe) -> bytes:
        path = self._directory / recipe.file_name
        if not path.exists():
            self._encode(recipe, path)
        content = path.read_bytes()
        if _PLACEHOLDER.encode() not in content:
            raise RuntimeError(f"{path} does not carry the placeholder; delete it")
        if len(content) + 16 > nominal_bytes(recipe):
            raise RuntimeError(
                f"{path} has {len(content)} bytes, more than its nominal {nominal_bytes(recipe)}"
            )
        return content

    def _encode(self, recipe: Recipe, path: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._directory, prefix="encoding-")
        os.close(descriptor)
        try:
            run_ffmpeg([*_sources(recipe), *_metadata(recipe), *_ENCODERS[recipe.kind]], Path(name))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)

    def image(self, width: int, height: int, extension: str) -> bytes:
        """Return a plain picture (jpg or webp) of the given size."""
        recipe = Recipe(extension, 0, width, height)
        found = self._templates.get(recipe)
        if found is None:
            path = self._directory / f"image-{width}x{height}.{extension}"
            if not path.exists():
                descriptor, name = tempfile.mkstemp(dir=self._directory, prefix="encoding-")
                os.close(descriptor)
                source = ("-f", "lavfi", "-i", f"color=c=0x336699:s={width}x{height}", "-frames:v", "1")
                kind = ("-c:v", "mjpeg", "-f", "image2") if extension == "jpg" else ("-f", "webp")
                try:
                    run_ffmpeg([*source, *kind], Path(name))
                    Path(name).replace(path)
                finally:
                    Path(name).unlink(missing_ok=True)
            found = self._templates[recipe] = path.read_bytes()
        return found


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One served file: a patched template and the padding behind it; `read` gives any part without making the whole."""

    head: bytes
    length: int

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes `start` to `stop` (exclusive)."""
        part = self.head[start:stop]
        return part + bytes(stop - start - len(part))


def media_file(template: bytes, recipe: Recipe, mark: str, length: int) -> MediaFile:
    """Stamp a template and pad it to `length` bytes."""
    if len(mark) != len(_PLACEHOLDER):
        raise ValueError(f"the stamp {mark!r} must have {len(_PLACEHOLDER)} characters")
    body = template.replace(_PLACEHOLDER.encode(), mark.encode())
    room = length - len(body)
    header = b"\xec\x01" + (room - 9).to_bytes(7) if recipe.is_webm else room.to_bytes(4) + b"free"
    return MediaFile(body + header, length)


def default_cache_directory() -> Path:
    """Return where templates are kept: `$YTARCHIVE_SIMULATOR_CACHE`, else the user's cache directory."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen) / f"v{TEMPLATE_VERSION}"
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = base / "ytarchive-simulator" / f"v{TEMPLATE_VERSION}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        directory = (
            Path(tempfile.gettempdir()) / f"ytarchive-simulator-{os.getuid()}" / f"v{TEMPLATE_VERSION}"
        )
    return directory


def run_ffmpeg(arguments: list[str], output: Path) -> None:
    """Run ffmpeg quietly; its error output becomes the exception."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-y",
        "-nostdin",
        "-loglevel",
        "error",
        *arguments,
        str(output),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "SVT_LOG": "1"}, check=False
    )
    if done.returncode:
        raise RuntimeError(f"ffmpeg failed: {done.stderr.strip()}")


def _sources(recipe: Recipe) -> list[str]:
    arguments: list[str] = []
    if recipe.has_picture:
        rate = 5 if recipe.width * recipe.height <= 1920 * 1080 else 1
        size = f"{recipe.width}x{recipe.height}"
        arguments += ["-f", "lavfi", "-i", f"color=c=0x336699:s={size}:r={rate}:d={recipe.seconds}"]
    if recipe.kind in _WITH_SOUND:
        tone = f"sine=frequency=440:sample_rate=48000:duration={recipe.seconds}"
        arguments += ["-f", "lavfi", "-i", tone]
    return arguments


def _metadata(recipe: Recipe) -> list[str]:
    streams = [
        kind for kind, present in (("v", recipe.has_picture), ("a", recipe.kind in _WITH_SOUND)) if present
    ]
    arguments = ["-metadata", f"comment={_PLACEHOLDER}"]
    for kind in streams:
        arguments += [f"-metadata:s:{kind}:0", f"handler_name={_PLACEHOLDER}"]
    return arguments
