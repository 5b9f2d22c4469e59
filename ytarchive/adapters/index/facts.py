"""`ItemFacts` in a few hundred bytes: formats as columns, since their values repeat down a column, and deflated.

A column is there only when a value of it differs from the default, and is named: an older or newer `Format` with
other fields reads it all the same.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import MISSING, fields
from itertools import repeat
from operator import attrgetter
from typing import Any

from ytarchive.core.codec import MalformedValue
from ytarchive.core.item import Got
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import Format

_DEFAULTS = {field.name: None if field.default is MISSING else field.default for field in fields(Format)}
_VALUES = attrgetter(*_DEFAULTS)
_PARTS = ("video", "sound", "audio")
_PLAIN = tuple(field.name for field in fields(Got) if field.name not in _PARTS)
_LISTS = ("captions", "captions_missing", "roles", "marked", "removed", "cut")

# What nearly every blob holds, likeliest last: deflate finds these without having seen them. Never edit it.
_DICTIONARY = (
    b'"drm":[false,true],"damaged":[false],"upscaled":[false],"has_url":[true,false],"protocol":["m3u8_native"],'
    b'"track":[null,null,null,null],"language":[null,"en","en",null],"client":["android_vr","tv","visionos","web_safari",'
    b'"hdr":[false,false,true],"language_preference":[-1,-1,-1,-1,10,10,-1],"below_wish":false,"container":"mkv",'
    b'"duration_seconds":,"roles":["video","thumbnail","info_json","description","caption"],"captions_missing":["de"],'
    b'"captions":["en"],"audio_codec":[null,null,"aac","opus","opus",null,null],'
    b'"codec":["h264","vp9","av1","h264","vp9","av1",null,null],"fps":[null,25,30,60,25.0,30.0,60.0,null],'
    b'"height":[144,240,360,480,720,1080,1440,2160,null],"width":[256,426,640,854,1280,1920,2560,3840,null],'
    b'"label":[null,144,240,360,480,720,1080,1440,2160,144,240,360,480,720,1080,null],'
    b'"kind":["audio","audio","audio","video","video","video","video","muxed"],'
    b'"itag":["139","249","250","140","251","160","278","394","133","242","395","134","18","243","396","135","244",'
    b'"397","136","247","398","298","302","137","248","399","299","303","271","400","308","313","401","315",'
    b'"bitrate_kbps":[,"clen":[,"lmt":["17,"17'
)


def encode_facts(facts: ItemFacts) -> bytes:
    formats = list(facts.offered)
    got: dict[str, Any] = {name: getattr(facts.got, name) for name in _PLAIN}
    for part in _PARTS:
        chosen = getattr(facts.got, part)
        if chosen is not None:
            got[part] = _place(formats, chosen)
    data = {
        "offered": len(facts.offered),
        "formats": len(formats),
        "got": got,
        **{name: getattr(facts, name) for name in _LISTS if getattr(facts, name)},
        **_columns(formats),
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    deflate = zlib.compressobj(level=6, wbits=-15, zdict=_DICTIONARY)
    return deflate.compress(text) + deflate.flush()


def decode_facts(blob: bytes) -> ItemFacts:
    """Raise `MalformedValue` for bytes that `encode_facts` did not write."""
    try:
        data = json.loads(zlib.decompressobj(wbits=-15, zdict=_DICTIONARY).decompress(blob))
        formats = tuple(_formats(data))
        got = data["got"]
        return ItemFacts(
            offered=formats[: data["offered"]],
            got=Got(
                **{name: got[name] for name in _PLAIN if name in got},
                **{part: formats[got[part]] for part in _PARTS if part in got},
            ),
            **{name: tuple(data.get(name, ())) for name in _LISTS},
        )
    except (zlib.error, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise MalformedValue(f"facts of an item: {error}") from None


def _place(formats: list[Format], chosen: Format) -> int:
    """Where a format is; it is added where it is not, as when it was taken of an earlier offer."""
    if chosen not in formats:
        formats.append(chosen)
    return formats.index(chosen)


def _columns(formats: list[Format]) -> dict[str, tuple[Any, ...]]:
    columns = zip(*map(_VALUES, formats), strict=True)
    return {
        name: values
        for (name, default), values in zip(_DEFAULTS.items(), columns, strict=False)
        if values.count(default) < len(values)
    }


def _formats(data: dict[str, Any]) -> map[Format]:
    count = data["formats"]
    return map(
        Format,
        *(data[name] if name in data else repeat(default, count) for name, default in _DEFAULTS.items()),
    )
