"""What only YouTube and its media have: qualities, languages, layouts, and addresses of videos and lists."""

from __future__ import annotations

import re

from ytarchive.core import address, title_match, views
from ytarchive.core.kinds import Kind, Schema
from ytarchive.core.misread import Misread, near_miss, one_of, shown

CODEC_WORDS = {"av01": "av1", "vp09": "vp9", "vp09.2": "vp9", "avc": "h264", "avc1": "h264", "x264": "h264"}

LABELS = (144, 240, 360, 480, 720, 1080, 1440, 2160, 4320)
_OTHER_NAMES = {
    "sd": 480,
    "hd": 720,
    "fullhd": 1080,
    "fhd": 1080,
    "2k": 1440,
    "qhd": 1440,
    "4k": 2160,
    "uhd": 2160,
}
_OTHER_NAMES |= {"8k": 4320}


def _read_label(text: str) -> int:
    if not re.fullmatch("[0-9]{3,4}p", text) or int(text[:-1]) not in LABELS:
        raise ValueError
    return int(text[:-1])


def _meant_label(text: str) -> str | None:
    folded = text.casefold().replace(" ", "")
    if folded in _OTHER_NAMES:
        return f"{_OTHER_NAMES[folded]}p"
    if folded in {"max", "maximum", "highest", "any"}:
        return "best"
    found = re.match("([0-9]{3,4})(?:p[0-9]{0,3})?$", folded)
    return f"{min(LABELS, key=lambda label: abs(label - int(found[1])))}p" if found else None


_LABEL_WORDS = [f"{label}p" for label in LABELS]
LABEL = Kind("a quality such as 1080p", _read_label, {"enum": _LABEL_WORDS}, meant=_meant_label)
QUALITY = Kind(
    "a quality such as 1080p, or best",
    lambda text: None if text == "best" else _read_label(text),
    {"enum": ["best", *_LABEL_WORDS]},
    meant=_meant_label,
)
FALLBACK = Kind(
    "a quality such as 720p, or any",
    lambda text: "any" if text == "any" else _read_label(text),
    {"enum": ["any", *_LABEL_WORDS]},
    meant=lambda text: "any" if text == "best" else _meant_label(text),
)


# --- languages


def _read_language(text: str) -> str:
    """A BCP-47 tag, in its usual case (en-US, zh-Hans); what follows the third part is kept as written."""
    if not re.fullmatch("[A-Za-z]{2,3}(?:-[A-Za-z0-9_]{1,16}){0,4}", text) or text.casefold() == "all":
        raise ValueError
    first, *others = text.split("-")
    return "-".join([first.lower(), *(_usual_case(other) for other in others)])


def _usual_case(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part


_LANGUAGE_WORDS = {"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it"}
_LANGUAGE_WORDS |= {"portuguese": "pt", "japanese": "ja", "chinese": "zh", "russian": "ru", "korean": "ko"}
_LANGUAGE_PATTERN = "[A-Za-z]{2,3}(-[A-Za-z0-9_]{1,16}){0,4}"


def _meant_language(text: str) -> str | None:
    return _LANGUAGE_WORDS.get(text.casefold()) or (
        text.replace("_", "-") if re.fullmatch("[a-z]{2}_[A-Z]{2}", text) else None
    )


LANGUAGE = Kind(
    "a language such as en, pt-BR or zh-Hans",
    _read_language,
    {"type": "string", "pattern": f"^{_LANGUAGE_PATTERN}$"},
    meant=_meant_language,
)
AUDIO_LANGUAGE = Kind(
    "original, or a language such as en or pt-BR",
    lambda text: text if text == "original" else _read_language(text),
    {"type": "string", "pattern": f"^(original|{_LANGUAGE_PATTERN})$"},
    meant=lambda text: near_miss(text, ("original",)) or _meant_language(text),
)


# --- titles

TITLE = Kind(
    title_match.EXPECTED,
    title_match.read,
    {"type": ["string", "number"], "minLength": 1, "maxLength": title_match.LONGEST},
)


# --- layouts of the library


def _fields_of(text: str, allowed: tuple[str, ...]) -> None:
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in allowed:
            meant = near_miss(name, allowed)
            raise Misread(
                f"the field {shown(name)}", one_of(allowed), f"did you mean {meant}?" if meant else None
            )
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        raise Misread(shown(text), "every { closed by a }")


def _read_layout(text: str) -> str:
    if text in views.KEYWORDS:
        return text
    if "{" not in text:
        raise ValueError
    words = text.split("/")
    if not text.isprintable() or {"", ".", ".."} & set(words):
        raise Misread(shown(text), "a relative path without . and ..")
    if len(words) > views.MOST_FOLDERS:
        raise Misread(shown(text), f"at most {views.MOST_FOLDERS} folders in each other")
    _fields_of(text, tuple(views.FIELDS))
    return text


def _read_show(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError
    _fields_of(text, views.SHOW_FIELDS)
    return text


LAYOUT = Kind(
    f'{", ".join(views.KEYWORDS)}, or a path such as "{{channel}}/{{title}} [{{id}}]"',
    _read_layout,
    {"type": "string", "minLength": 1},
    meant=lambda text: near_miss(text, views.KEYWORDS),
)
SHOW = Kind(
    "a name, in which {channel} may stand", _read_show, {"type": "string", "minLength": 1, "maxLength": 200}
)


# --- addresses; an id of digits alone is a number to an editor

_ADDRESS_SCHEMA: Schema = {"type": ["string", "number"]}
VIDEO = Kind(address.EXPECTED_VIDEO, address.parse_video, _ADDRESS_SCHEMA)
PLAYLIST = Kind(address.EXPECTED_PLAYLIST, address.parse_playlist, _ADDRESS_SCHEMA)
CHANNEL = Kind(address.EXPECTED_CHANNEL, address.parse_channel, _ADDRESS_SCHEMA)
