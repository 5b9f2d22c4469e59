"""What small files beside the media are, by their content and not by their names."""

from __future__ import annotations

import json


def picture_suffix(content: bytes) -> str | None:
    """`.jpg`, `.png` or `.webp` by what a picture is, whatever its address said; None for anything else."""
    if content.startswith(b"\xff\xd8\xff") and len(content) > 100:
        return ".jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return ".webp"
    return None


def caption_problem(content: bytes, form: str) -> str | None:
    """Why a file is no captions of this form (`vtt`, `srt`, `srv3`, `json3`) with something in it; None when it is."""
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not text:
        return f"The {form} captions are empty"
    if not _CLAIMS[form](text):
        return f"The answer is no {form}: it begins with {text[:40]!r}"
    return None


def _is_json3(text: str) -> bool:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("events"), list)


_CLAIMS = {
    "vtt": lambda text: text.startswith("WEBVTT"),
    "srt": lambda text: "-->" in text and not text.startswith(("WEBVTT", "<")),
    "srv3": lambda text: "<timedtext" in text[:400] and text.endswith("</timedtext>"),
    "json3": _is_json3,
}
CAPTION_FORMS = tuple(_CLAIMS)
