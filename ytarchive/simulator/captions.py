"""Captions: the track list of the player response, and the files behind `/api/timedtext`.

Each line of a caption names its video, language and kind, so that a test can tell which file it holds. The formats
are those of yt-dlp's `_SUBTITLE_FORMATS`. As on YouTube, a track that does not exist is an empty file, not an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from ytarchive.simulator.catalogue import CaptionTrack, Video

Json = dict[str, Any]
Cue = tuple[int, int, str]
"""Start and length in milliseconds, and a text."""

_TRANSLATIONS = (
    ("af", "Afrikaans"), ("ar", "Arabic"), ("bn", "Bangla"), ("bg", "Bulgarian"), ("ca", "Catalan"), ("zh-Hans", "Chinese (Simplified)"),
    ("zh-Hant", "Chinese (Traditional)"), ("hr", "Croatian"), ("cs", "Czech"), ("da", "Danish"), ("nl", "Dutch"), ("en", "English"),
    ("et", "Estonian"), ("fil", "Filipino"), ("fi", "Finnish"), ("fr", "French"), ("de", "German"), ("el", "Greek"), ("iw", "Hebrew"),
    ("hi", "Hindi"), ("hu", "Hungarian"), ("is", "Icelandic"), ("id", "Indonesian"), ("it", "Italian"), ("ja", "Japanese"), ("ko", "Korean"),
    ("lv", "Latvian"), ("lt", "Lithuanian"), ("ms", "Malay"), ("no", "Norwegian"), ("fa", "Persian"), ("pl", "Polish"), ("pt", "Portuguese"),
    ("ro", "Romanian"), ("ru", "Russian"), ("sr", "Serbian"), ("sk", "Slovak"), ("sl", "Slovenian"), ("es", "Spanish"), ("sw", "Swahili"),
    ("sv", "Swedish"), ("ta", "Tamil"), ("te", "Telugu"), ("th", "Thai"), ("tr", "Turkish"), ("uk", "Ukrainian"), ("ur", "Urdu"),
    ("vi", "Vietnamese"), ("cy", "Welsh"), ("zu", "Zulu"),
)  # fmt: skip
TRANSLATION_LANGUAGES: list[Json] = [
    {"languageCode": code, "languageName": {"simpleText": name}} for code, name in _TRANSLATIONS
]


def captions_renderer(video: Video, client: str) -> Json | None:
    """Return the player response's `captions`, None for a video without any.

    Only web clients list translations, and their URLs carry the experiment that asks for a PO token (yt-dlp:
    "Only web/mweb clients provide translationLanguages", `exp=xpe`).
    """
    if not video.captions:
        return None
    web = client in ("WEB", "MWEB")
    renderer: Json = {
        "captionTracks": [_track(video, track, experiment=web) for track in video.captions],
        "audioTracks": [{"captionTrackIndices": list(range(len(video.captions))), "audioTrackId": "und"}],
        "defaultAudioTrackIndex": 0,
    }
    if web:
        renderer["translationLanguages"] = TRANSLATION_LANGUAGES
    return {"playerCaptionsTracklistRenderer": renderer}


def _track(video: Video, track: CaptionTrack, *, experiment: bool) -> Json:
    query = {
        "v": video.id,
        "ei": "c2ltdWxhdGVkLWV2ZW50",
        "caps": "asr",
        **({"exp": "xpe"} if experiment else {}),
        "opi": "112496729",
        "xoaf": "5",
        "hl": "en",
        "ip": "0.0.0.0",  # noqa: S104 - a parameter of YouTube's URLs, not an address to bind to
        "ipbits": "0",
        "expire": "1999999999",
        "sparams": "ip,ipbits,expire,v,ei,caps,opi,xoaf",
        "signature": "0123456789ABCDEF0123456789ABCDEF01234567.0123456789ABCDEF0123456789ABCDEF01234567",
        "key": "yt8",
        **({"kind": "asr"} if track.automatic else {}),
        "lang": track.language,
    }
    name = f"{track.name} (auto-generated)" if track.automatic else track.name
    return {
        "baseUrl": f"https://www.youtube.com/api/timedtext?{urlencode(query)}",
        "name": {"simpleText": name},
        "vssId": f"{'a' if track.automatic else ''}.{track.language}",
        "languageCode": track.language,
        **({"kind": "asr"} if track.automatic else {}),
        "isTranslatable": True,
        "trackName": "",
    }


def caption_file(video: Video, query: Mapping[str, str]) -> tuple[str, str]:
    """Return MIME type and text of what `/api/timedtext` answers; the text is empty when there is no such track."""
    automatic = query.get("kind") == "asr"
    language = query.get("lang", "")
    kind = query.get("fmt", "srv1")
    mime_type, render = _RENDERERS.get(kind, _RENDERERS["srv1"])
    if not any((track.language, track.automatic) == (language, automatic) for track in video.captions):
        return mime_type, ""
    translated = query.get("tlang")
    what = "automatic" if automatic else "manual"
    words = f"{what} {language}" + (f" translated to {translated}" if translated else "")
    middle = video.duration_seconds * 500
    cues = [(0, middle, f"{video.id}: {words}"), (middle, middle, "second line, <i> & more")]
    return mime_type, render(Transcript(cues, translated or language))


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a caption file says, and the language it claims."""

    cues: list[Cue]
    language: str


def _vtt(transcript: Transcript) -> str:
    blocks = [
        f"{_clock(start, '.')} --> {_clock(start + length, '.')}\n{escape(text, quote=False)}\n"
        for start, length, text in transcript.cues
    ]
    return f"WEBVTT\nKind: captions\nLanguage: {transcript.language}\n\n" + "\n".join(blocks)


def _srt(transcript: Transcript) -> str:
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(start + length, ',')}\n{text}\n"
        for number, (start, length, text) in enumerate(transcript.cues, 1)
    )


def _json3(transcript: Transcript) -> str:
    events = [
        {"tStartMs": start, "dDurationMs": length, "segs": [{"utf8": text}]}
        for start, length, text in transcript.cues
    ]
    return json.dumps(
        {"wireMagic": "pb3", "pens": [{}], "wsWinStyles": [{}], "wpWinPositions": [{}], "events": events}
    )


def _srv1(transcript: Transcript) -> str:
    lines = "".join(
        f'<text start="{start / 1000:g}" dur="{length / 1000:g}">{escape(escape(text))}</text>'
        for start, length, text in transcript.cues
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{lines}</transcript>'


def _srv2(transcript: Transcript) -> str:
    lines = "".join(
        f'<text t="{start}" d="{length}">{escape(text)}</text>' for start, length, text in transcript.cues
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><timedtext><window t="0" id="1"/>{lines}</timedtext>'


def _srv3(transcript: Transcript) -> str:
    lines = "".join(
        f'<p t="{start}" d="{length}">{escape(text)}</p>' for start, length, text in transcript.cues
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><timedtext format="3">\n<body>\n{lines}\n</body>\n</timedtext>'


def _ttml(transcript: Transcript) -> str:
    lines = "".join(
        f'<p begin="{_clock(start, ".")}" end="{_clock(start + length, ".")}" style="s2">{escape(text)}</p>\n'
        for start, length, text in transcript.cues
    )
    return (
        '<?xml version="1.0" encoding="utf-8" ?>\n'
        f'<tt xml:lang="{transcript.language}" xmlns="http://www.w3.org/ns/ttml"><body><div>{lines}</div></body></tt>'
    )


def _clock(milliseconds: int, separator: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{separator}{rest:03d}"


_XML = "text/xml; charset=UTF-8"
_RENDERERS: dict[str, tuple[str, Callable[[Transcript], str]]] = {
    "vtt": ("text/vtt; charset=UTF-8", _vtt),
    "srt": ("text/plain; charset=UTF-8", _srt),
    "json3": ("application/json; charset=UTF-8", _json3),
    "srv1": (_XML, _srv1),
    "srv2": (_XML, _srv2),
    "srv3": (_XML, _srv3),
    "ttml": (_XML, _ttml),
}
