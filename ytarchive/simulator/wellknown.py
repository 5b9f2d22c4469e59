"""The videos that tests ask for by name: one id for each case a program that reads YouTube must survive."""

from __future__ import annotations

from typing import Any

from ytarchive.simulator.catalogue import (
    ENGLISH,
    ENGLISH_AUTOMATIC,
    GERMAN,
    AudioTrack,
    CaptionTrack,
    Case,
    Shape,
)

_DUBBED = (
    AudioTrack("en-US.4", "English (United States) original", is_default=True),
    AudioTrack("de-DE.10", "German", content="dubbed-auto"),
    AudioTrack("fr-FR.10", "French", content="dubbed-auto"),
)
_DEFAULT_IS_A_DUB = (
    AudioTrack("fr-FR.4", "French (France) original"),
    AudioTrack("en-US.3", "English (United States)", is_default=True, content="dubbed"),
)
_DESCRIBED = (
    AudioTrack("en.4", "English original", is_default=True),
    AudioTrack("en.2", "English descriptive", content="descriptive"),
)

_TABLE: dict[str, tuple[str, dict[str, Any]]] = {
    # Ordinary ones.
    "ordinary": ("sim_Normal0", {"best": 1080, "captions": (ENGLISH, ENGLISH_AUTOMATIC)}),
    "leading_dash": ("-leadDash01", {"best": 1080, "captions": (ENGLISH,)}),
    "leading_dashes": ("--twoDash01", {}),
    "option_like": ("-v--verbose", {}),
    "leading_underscore": ("__underscr0", {}),
    "digits_only": ("12345678901", {}),
    "short": ("sim_Short01", {"short": True, "shape": Shape.VERTICAL}),
    # Qualities and shapes.
    "ultra_hd": ("sim_Uhd2160", {"best": 2160}),
    "high_frame_rate": ("sim_60Fps01", {"best": 2160, "fps": 60}),
    "hdr": ("sim_HDR_201", {"best": 2160, "fps": 60, "hdr": True}),
    "low_quality": ("sim_LowQual", {"best": 240}),
    "progressive_only": ("sim_Only_18", {"codecs": (), "best": 360}),
    "h264_only": ("sim_H264Onl", {"codecs": ("avc1",)}),
    "vertical": ("sim_Vertic1", {"shape": Shape.VERTICAL}),
    "portrait": ("sim_Portra1", {"shape": Shape.PORTRAIT}),
    "ultra_wide": ("sim_UltraWd", {"shape": Shape.ULTRA_WIDE}),
    "upscaled": ("sim_AiUpsc1", {"best": 480, "upscaled": True}),
    "damaged": ("sim_Damaged", {"damaged": True, "duration_seconds": 12}),
    "large": ("sim_Large10", {"media_bytes": 10_000_000}),
    # Sound and captions.
    "dubbed": ("sim_Dubbed1", {"audio_tracks": _DUBBED}),
    "default_is_a_dub": ("sim_DefDub1", {"audio_tracks": _DEFAULT_IS_A_DUB}),
    "descriptive_audio": ("sim_Descri1", {"audio_tracks": _DESCRIBED}),
    "manual_captions": (
        "sim_Caption",
        {"captions": (ENGLISH, GERMAN, CaptionTrack("pt-BR", "Portuguese (Brazil)"), ENGLISH_AUTOMATIC)},
    ),
    "automatic_captions": ("sim_AutoCap", {"captions": (ENGLISH_AUTOMATIC,)}),
    "french_captions": ("sim_French1", {"captions": (CaptionTrack("fr", "French", automatic=True),)}),
    "no_captions": ("sim_NoCapt0", {"captions": ()}),
    # Hostile and difficult titles.
    "title_traversal": ("sim_TitTrav", {"title": "../../../../etc/passwd"}),
    "title_absolute": ("sim_TitAbso", {"title": "/etc/passwd"}),
    "title_html": ("sim_TitHtml", {"title": "</title><script>alert('1')</script>&lt;b&gt; &amp;amp;"}),
    "title_terminal": (
        "sim_TitTerm",
        {"title": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m\r\nsecond line\x9b1m"},
    ),
    "title_quotes": (
        "sim_TitQuot",
        {"title": "\"double\" 'single' `back` $(id) ; rm -rf ~ \\ | & %(id)s {x} %s"},
    ),
    "title_nul": ("sim_TitNul0", {"title": "before\x00after\u2400"}),
    "title_windows": ("sim_TitWind", {"title": 'CON: <aux> "nul" |?*. '}),
    "title_reserved": ("sim_TitRese", {"title": "NUL"}),
    "title_dots": ("sim_TitDots", {"title": "..."}),
    "title_blank": ("sim_TitBlan", {"title": " "}),
    "title_yaml": ("sim_TitYaml", {"title": "- {a: b} # no\n...\n---\n!!python/object:x &a *a"}),
    "title_rtl": ("sim_TitRtl0", {"title": "שלום עולם \u202egpj.exe\u202c مرحبا \u2067بالعالم\u2069"}),
    "title_emoji": ("sim_TitEmoj", {"title": "👩‍👩‍👧‍👦 family 🏳️‍🌈 🇩🇪 👍🏽 \U0001f9ff"}),
    "title_long": ("sim_TitLong", {"title": ("Ünïcödé 長い題名 " * 30)[:300]}),
    "title_combining": ("sim_TitComb", {"title": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘! e\u0301 é"}),
    "title_duplicate_1": ("sim_TitDup1", {"title": "The very same title"}),
    "title_duplicate_2": ("sim_TitDup2", {"title": "The very same title"}),
    "title_duplicate_3": ("-sim_TitDu3", {"title": "the VERY same Title"}),
    # Live.
    "live_now": ("sim_LiveNow", {"case": Case.LIVE_NOW}),
    "upcoming": ("sim_Upcomin", {"case": Case.UPCOMING}),
    "premiere": ("sim_Premier", {"case": Case.PREMIERE}),
    "post_live": ("sim_PostLiv", {"case": Case.POST_LIVE}),
    "was_live": ("sim_WasLive", {"was_live": True}),
    "no_recording": ("sim_NoRecor", {"case": Case.NO_RECORDING}),
    # Unavailable.
    "private": ("sim_Private", {"case": Case.PRIVATE}),
    "private_dash": ("-simPrivate", {"case": Case.PRIVATE}),
    "removed": ("sim_Removed", {"case": Case.REMOVED}),
    "unavailable": ("sim_Unavail", {"case": Case.UNAVAILABLE}),
    "terminated": ("sim_Termina", {"case": Case.TERMINATED}),
    "copyright": ("sim_CopyRig", {"case": Case.COPYRIGHT}),
    "copyright_geo": ("sim_CopyGeo", {"case": Case.COPYRIGHT_GEO}),
    "geo": ("sim_GeoBloc", {"case": Case.GEO}),
    "policy": ("sim_Policy0", {"case": Case.POLICY}),
    "age": ("sim_AgeRest", {"case": Case.AGE}),
    "members": ("sim_Members", {"case": Case.MEMBERS}),
    "premium": ("sim_Premium", {"case": Case.PREMIUM}),
    "paid": ("sim_PaidFor", {"case": Case.PAID}),
    "bot_check": ("sim_BotChec", {"case": Case.BOT_CHECK}),
    "captcha": ("sim_Captcha", {"case": Case.CAPTCHA}),
    "session_limit": ("sim_SesLimi", {"case": Case.SESSION_LIMIT}),
    "processing": ("sim_Process", {"case": Case.PROCESSING}),
    "reload": ("sim_Reload0", {"case": Case.RELOAD}),
    # No formats that can be fetched.
    "drm": ("sim_DrmOnly", {"case": Case.DRM, "storyboards": False}),
    "drm_storyboards": ("sim_DrmStor", {"case": Case.DRM}),
    "sabr_only": ("sim_SabrOnl", {"case": Case.SABR_ONLY}),
    "no_formats": ("sim_NoForma", {"case": Case.NO_FORMATS, "storyboards": False}),
    "made_for_kids": ("sim_ForKids", {"case": Case.MADE_FOR_KIDS}),
}

WELL_KNOWN: dict[str, str] = {name: video_id for name, (video_id, _) in _TABLE.items()}
"""Name of a case -> id of a video that is one."""

CHANGES: dict[str, dict[str, Any]] = dict(_TABLE.values())
"""Id of a well-known video -> how it differs from the ordinary video of that id."""

UNAVAILABLE: tuple[str, ...] = tuple(
    name
    for name, (_, changes) in _TABLE.items()
    if "case" in changes
    and changes["case"] not in (Case.PUBLIC, Case.MADE_FOR_KIDS, Case.LIVE_NOW, Case.POST_LIVE)
)
"""Names of the videos that end in an error (or in a wait) whatever is tried."""
