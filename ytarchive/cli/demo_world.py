"""What exists on the stand-in's YouTube during the demo, and what must become of it."""

from __future__ import annotations

from typing import Any

_TALKS = {
    "demoTalks01": "The first three minutes",
    "demoTalks02": "How to build a lighthouse",
    "demoTalks03": "Bees, and what they vote about",
    "demoTalks04": "شرح المد والجزر (why tides come twice a day)",
    "demoTalks05": "A short history of zero",
    "demoTalks06": 'Titles with /slashes\\, "quotes" and [bold]markup[/bold]',
    "demoTalks07": "Fermentation 🧪 for beginners",
}
_MUSIC = {
    "demoMusic01": "Étude for a rainy window",
    "demoMusic02": "Night train, live",
    "demoMusic03": "Four hands, one piano",
    "demoMusic04": "Sea shanty no. 9",
}
_SINGLES = {
    "demoBread01": "Bread in four steps",
    "demoKnots01": "Seven knots",
    "-demoDash01": "An id that begins with a dash",
}
_LARGE_BYTES = 8_000_000
_BYTES_PER_SECOND = 6_000_000  # slow enough that the larger ones are seen on their way

CATALOGUE: dict[str, Any] = {
    "defaults": {"media_bytes": 300_000, "best": 720},
    "videos": {
        **{video: {"title": title} for video, title in {**_TALKS, **_MUSIC, **_SINGLES}.items()},
        "demoTalks01": {"title": _TALKS["demoTalks01"], "media_bytes": _LARGE_BYTES},
        "demoTalks05": {"title": _TALKS["demoTalks05"], "media_bytes": _LARGE_BYTES},
        "sim_Private": {"title": "Family video"},
        "sim_GeoBloc": {"title": "The match of the season"},
        "sim_Members": {"title": "Behind the scenes"},
        "sim_Upcomin": {"title": "Premiere: the new episode"},
    },
    "faults": [{"kind": "throttle", "value": _BYTES_PER_SECOND, "request": "media"}],
    "playlists": {"PLytarchiveDemoTalks": list(_TALKS), "PLytarchiveDemoMusic": list(_MUSIC)},
}

EXPECTED_VIDEOS = len(_TALKS) + len(_MUSIC) + len(_SINGLES)
EXPECTED_CODES = {"PRIVATE": 1, "GEO": 1, "MEMBERS": 1, "UPCOMING": 1}
