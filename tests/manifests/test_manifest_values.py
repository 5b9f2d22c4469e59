"""What a manifest says as effective values: entries, wishes, names, origins."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ytarchive.core.desired import Audio, CaptionWish, Entry, LibraryView, Quality, Target
from ytarchive.core.filters import Keep, Where
from ytarchive.core.id_list import read_ids
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.manifest import read
from ytarchive.core.manifests import Manifests, assemble
from ytarchive.core.origin import Origin

A, B, C = "dQw4w9WgXcQ", "jNQXAC9IVRw", "-wtIMTCHWuI"
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"


def manifests(files: dict[str, str], lists: dict[str, tuple[str, ...]] | None = None) -> Manifests:
    drafts = [read(name, text.encode()) for name, text in files.items()]
    assert [problem for draft in drafts for problem in draft.problems] == []
    found = assemble(drafts, lists or {})
    assert found.problems == ()
    return found


def entries(text: str, **files: str) -> dict[str, Entry]:
    others = {f"{name}.yaml": other for name, other in files.items()}
    return {entry.name: entry for entry in manifests({"tv.yaml": text, **others}).entries}


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "version: 1\n", "videos:\nplaylists:\nprofiles: {}\ndefaults:"]
)
def test_a_manifest_without_an_entry_wants_nothing(text: str) -> None:
    assert entries(text) == {}


def test_plain_ids_form_one_entry_named_after_the_file() -> None:
    found = entries(f"videos: [{A}, 'https://youtu.be/{B}', {C}, {A}, 12345678901]")
    assert list(found) == ["tv"]
    assert found["tv"] == Entry(
        name="tv",
        kind="videos",
        source="videos:tv",
        wish=Manifests().wish(),
        videos=(A, B, C, "12345678901"),
        order="listed",
        library=LibraryView("tv", "flat"),
        file="tv.yaml",
        line=1,
    )


def test_a_mapping_is_an_entry_of_its_own_named_by_its_id_or_name() -> None:
    found = entries(
        f"videos:\n - {{video: {A}}}\n - {{video: {B}, name: Zoo, priority: 3}}\n - {{video: {A}, name: again}}"
    )
    assert {name: entry.videos for name, entry in found.items()} == {A: (A,), "Zoo": (B,), "again": (A,)}
    assert (found["Zoo"].priority, found["Zoo"].source, found["Zoo"].line) == (3, "videos:Zoo", 3)
    assert found["Zoo"].library == LibraryView("tv", "flat")


def test_a_playlist_is_an_entry_plain_or_with_keys() -> None:
    found = entries(
        f"playlists:\n - https://www.youtube.com/playlist?list={LIST}\n"
        f" - {{playlist: {LIST}, name: Cosmos, interval: 1h30m, order: oldest, priority: -5}}"
    )
    plain, named = found[LIST], found["Cosmos"]
    assert (plain.kind, plain.source, plain.order, plain.interval_seconds) == (
        "playlist",
        LIST,
        "newest",
        6 * HOUR,
    )
    assert (named.source, named.order, named.interval_seconds, named.priority) == (LIST, "oldest", 5400, -5)
    assert (plain.library, named.library) == (LibraryView(LIST), LibraryView("Cosmos"))
    assert plain.videos == named.videos == ()


def test_without_any_key_the_best_is_wanted_with_english_captions() -> None:
    assert Manifests().wish() == Target(
        video=Quality(),
        sound=Audio(),
        captions=(CaptionWish("en"),),
        embed=("tags", "chapters"),
        sidecars=("info_json",),
    )


def test_every_key_reaches_the_wish() -> None:
    (entry,) = entries(
        f"""
videos:
  - video: {A}
    quality: {{max: 2160p, min: 480p, codecs: [h264, vp9, h264], codecs_only: true, fps: any, hdr: prefer, container: mp4,
      fallback: [1080p, any]}}
    captions: {{languages: [pt-br, ZH-hans, en-eEY6OEpapPo], automatic: also, formats: [srt, vtt], keep_looking: 2d, required: true}}
    audio: {{codec: aac, languages: [de, original]}}
    embed: [thumbnail]
    sidecars: [description, thumbnail]
    live: skip
"""
    ).values()
    shared: Any = {
        "automatic": "also",
        "formats": ("srt", "vtt"),
        "keep_looking_seconds": 2 * DAY,
        "required": True,
    }
    assert entry.wish == Target(
        video=Quality(
            max=2160,
            min=480,
            codecs=("h264", "vp9"),
            codecs_only=True,
            fps=None,
            hdr="prefer",
            fallback=(1080, "any"),
        ),
        sound=Audio("aac", ("de", "original")),
        container="mp4",
        captions=tuple(
            CaptionWish(language, **shared) for language in ("pt-BR", "zh-Hans", "en-eEY6OEpapPo")
        ),
        embed=("thumbnail",),
        sidecars=("description", "thumbnail"),
        live="skip",
    )


def test_sound_alone_is_a_part_of_its_own() -> None:
    (entry,) = entries(
        f"videos: [{{video: {A}, media: audio, audio: {{codec: opus}}, quality: {{container: webm}}}}]"
    ).values()
    assert (entry.wish.video, entry.wish.sound, entry.wish.audio) == (None, None, Audio("opus"))
    assert entry.wish.container == "mkv"


@pytest.mark.parametrize(
    ("profile", "most", "captions"),
    [("best", None, ("en",)), ("1080p", 1080, ("en",)), ("720p", 720, ("en",)), ("audio", 0, ())],
)
def test_built_in_profiles_are_known_everywhere(
    profile: str, most: int | None, captions: tuple[str, ...]
) -> None:
    (entry,) = entries(f"videos: [{{video: {A}, profile: {profile}}}]").values()
    assert (entry.wish.video.max if entry.wish.video else 0) == most
    assert tuple(wish.language for wish in entry.wish.captions) == captions
    assert entry.wish == Manifests().wish(profile)


def test_an_entry_stands_over_defaults_over_profile_over_built_in_values_key_by_key() -> None:
    found = entries(
        f"""
defaults: {{profile: tv, quality: {{min: 360p}}, embed: []}}
playlists:
  - {{playlist: {LIST}, quality: {{max: 720p}}}}
  - {{playlist: {LIST}, name: other, profile: small, captions: {{languages: [fr]}}}}
""",
        shared="""
profiles:
  tv: {quality: {max: 1080p, min: 480p, codecs: [h264]}, captions: {languages: [en, de], required: true}, embed: [tags]}
  small: {quality: {max: 480p}, sidecars: [thumbnail]}
""",
    )
    first, other = found[LIST].wish, found["other"].wish
    assert first.video == Quality(max=720, min=360, codecs=("h264",))
    assert [(wish.language, wish.required) for wish in first.captions] == [("en", True), ("de", True)]
    assert (first.embed, first.sidecars) == ((), ("info_json",))
    assert other.video == Quality(max=480, min=360)
    assert [(wish.language, wish.required) for wish in other.captions] == [("fr", False)]
    assert other.sidecars == ("thumbnail",)


def test_one_quality_alone_may_be_wanted() -> None:
    (entry,) = entries(f"videos: [{{video: {A}, quality: {{max: 720p, min: 720p}}}}]").values()
    assert entry.wish.video == Quality(max=720, min=720)


def test_origins_name_the_place_of_every_value() -> None:
    found = manifests(
        {
            "shared.yaml": "profiles:\n  tv: {quality: {max: 1080p, codecs: [h264, vp9]}}\n",
            "tv.yaml": f"defaults: {{profile: tv, embed: []}}\nplaylists:\n  - {{playlist: {LIST}, name: X, quality: {{min: 480p}}}}\n",
        }
    )
    origins = {origin.key: origin for origin in found.origins("X")}
    assert origins["quality.min"] == Origin("quality.min", "480p", "file tv.yaml:3:76")
    assert origins["quality.max"] == Origin("quality.max", "1080p", "profile tv (shared.yaml:2:23)")
    assert origins["quality.codecs"] == Origin(
        "quality.codecs", "[h264, vp9]", "profile tv (shared.yaml:2:38)"
    )
    assert origins["embed"] == Origin("embed", "[]", "defaults of tv.yaml:1:32")
    assert origins["captions.languages"] == Origin("captions.languages", "[en]", "built-in")
    assert origins["library.name"] == Origin("library.name", "X", "built-in")
    assert origins["interval"] == Origin("interval", "6h", "built-in")


def test_the_interval_of_the_settings_holds_where_none_is_written() -> None:
    draft = read(
        "a.yaml",
        f"playlists: [{LIST}, {{playlist: {LIST}, name: own, interval: 2d}}]\nvideos: [{A}]".encode(),
    )
    found = assemble([draft], {}, interval_seconds=5400, interval_origin="settings")
    assert {entry.name: entry.interval_seconds for entry in found.entries} == {
        "a": 6 * HOUR,
        LIST: 5400,
        "own": 2 * DAY,
    }
    assert Origin("interval", "1h30m", "settings") in found.origins(LIST)


@pytest.mark.parametrize(
    ("text", "library"),
    [
        ("library: {name: Films}", LibraryView("Films", "flat")),
        ("library: {layout: none}", None),
        ("library:", LibraryView("Who ⧸ What？", "flat")),
    ],
)
def test_the_library_folder_is_named_by_the_entry_or_not_made(text: str, library: LibraryView | None) -> None:
    text = f"playlists:\n  - playlist: {LIST}\n    name: Who ⧸ What?\n    {text}\n"
    assert entries(text)["Who ⧸ What?"].library == library


def test_a_name_that_can_be_no_folder_gives_way_to_the_id() -> None:
    name = "界" * 100
    assert entries(f"playlists: [{{playlist: {LIST}, name: {name}}}]")[name].library == LibraryView(LIST)


def test_the_ids_of_a_list_join_the_plain_ones_of_their_file() -> None:
    found = manifests({"x.yaml": f"videos_from: ids.txt\nvideos: [{A}]"}, {"x.yaml": (B, A, C)})
    assert [(entry.name, entry.videos) for entry in found.entries] == [("x", (A, B, C))]
    alone = manifests({"x.yaml": "videos_from: ids.txt"}, {"x.yaml": (B,)})
    assert [(entry.name, entry.videos, entry.line) for entry in alone.entries] == [("x", (B,), 1)]
    assert manifests({"x.yaml": "videos_from: ids.txt"}, {"x.yaml": ()}).entries == ()


def test_the_generation_follows_what_is_wanted_and_not_where_it_is_written() -> None:
    one = entries(f"videos: [{A}]")["tv"]
    same = entries(f"# moved\n\nversion: 1\nvideos:\n  - {A}\n")["tv"]
    other = entries(f"videos: [{A}]\ndefaults: {{quality: {{max: 720p}}}}")["tv"]
    assert one.generation == same.generation != other.generation


def test_entries_of_all_files_come_in_the_order_of_files_and_lines() -> None:
    found = manifests(
        {"b.yaml": f"playlists: [{LIST}]\nvideos: [{A}]", "a/z.yml": f"videos: [{B}, {{video: {C}}}]"}
    )
    assert [entry.name for entry in found.entries] == ["z", C, "b", LIST]


def test_a_thousand_entries_that_say_the_same_share_one_wish() -> None:
    lines = "".join(f"  - {{video: {number:011}, quality: {{max: 720p}}}}\n" for number in range(1000))
    found = entries(f"videos:\n{lines}")
    assert len(found) == 1000
    assert len({id(entry.wish) for entry in found.values()}) == 1


# --- channels and filters

CHANNEL = "UC-lHJZR3Gqxm24_Vd_AJ5Yw"


def test_a_channel_is_an_entry_named_by_its_handle_or_id() -> None:
    found = entries(
        f"""
channels:
  - "@veritasium"
  - {CHANNEL}
  - https://www.youtube.com/c/Some.Name/videos
  - {{channel: https://www.youtube.com/@kurzgesagt/streams, include: [videos, live]}}
  - {{channel: "@veritasium", name: Physics, order: oldest, interval: 1d}}
"""
    )
    assert {name: entry.source for name, entry in found.items()} == {
        "@veritasium": "channel:@veritasium",
        CHANNEL: f"channel:{CHANNEL}",
        "Some.Name": "channel:c/Some.Name",
        "@kurzgesagt": "channel:@kurzgesagt",
        "Physics": "channel:@veritasium",
    }
    assert {entry.kind for entry in found.values()} == {"channel"}
    assert [entry.include for entry in found.values()] == [("videos",)] * 3 + [("videos", "live")] + [
        ("videos",)
    ]
    assert found["@veritasium"].library == LibraryView("@veritasium")
    assert (found["Physics"].order, found["Physics"].interval_seconds) == ("oldest", DAY)
    assert found["Physics"].library == LibraryView("Physics")


def test_every_key_of_filters_reaches_the_entry() -> None:
    (entry,) = entries(
        f"""
channels:
  - channel: {CHANNEL}
    include: [videos, shorts, live, releases, playlists]
    where:
      since: 2020-01-01
      until: 2024-06-30
      duration: 2m..3h
      title: {{match: [physics, "/part [0-9]+/i"], not: [trailer, 2024]}}
      kinds: [videos, live]
      members_only: skip
      live: only
      languages: [EN, pt-br]
    keep: {{last: 30, max_age: 60d}}
    pin: [{A}, "https://youtu.be/{B}", {A}]
    suspend: true
"""
    ).values()
    assert entry.include == ("videos", "shorts", "live", "releases", "playlists")
    assert entry.where == Where(
        since=date(2020, 1, 1),
        until=date(2024, 6, 30),
        duration=(120, 3 * HOUR),
        match=("physics", "/part [0-9]+/i"),
        avoid=("trailer", "2024"),
        kinds=("videos", "live"),
        members_only="skip",
        live="only",
        languages=("en", "pt-BR"),
    )
    assert entry.keep == Keep(last=30, max_age_seconds=60 * DAY)
    assert (entry.pins, entry.suspend, entry.filters) == ((A, B), True, True)


def test_without_filters_nothing_is_left_out() -> None:
    found = entries(f"channels: ['@one']\nplaylists: [{LIST}]\nvideos: [{A}]")
    for entry in found.values():
        assert (entry.where, entry.keep, entry.pins, entry.suspend) == (Where(), Keep(), (), False)
        assert not entry.filters


def test_filters_merge_key_by_key_and_their_lists_replace() -> None:
    found = entries(
        f"""
defaults: {{profile: talks, where: {{duration: 5m.., title: {{not: [trailer]}}}}, keep: {{last: 100}}}}
profiles:
  talks: {{where: {{since: 2020-01-01, duration: 1m.., title: {{match: [talk], not: [teaser]}}}}, keep: {{max_age: 30d}}}}
playlists:
  - {{playlist: {LIST}, where: {{until: 2024-01-01, title: {{match: [lecture]}}}}, keep: {{last: 3}}}}
channels: ["@one"]
"""
    )
    assert found[LIST].where == Where(
        since=date(2020, 1, 1),
        until=date(2024, 1, 1),
        duration=(300, None),
        match=("lecture",),
        avoid=("trailer",),
    )
    assert found[LIST].keep == Keep(last=3, max_age_seconds=30 * DAY)
    assert found["@one"].where == Where(
        since=date(2020, 1, 1), duration=(300, None), match=("talk",), avoid=("trailer",)
    )
    assert found["@one"].keep == Keep(last=100, max_age_seconds=30 * DAY)


def test_filters_of_defaults_and_profiles_leave_single_videos_alone() -> None:
    found = manifests(
        {
            "a.yaml": f"""
defaults: {{profile: p, where: {{since: 2020-01-01}}, include: [shorts], order: oldest, suspend: true}}
profiles: {{p: {{keep: {{last: 1}}, interval: 1d, media: audio}}}}
videos: [{A}]
playlists: [{LIST}]
"""
        }
    )
    single, playlist = found.entries
    assert (single.where, single.keep, single.order, single.suspend) == (Where(), Keep(), "listed", True)
    assert single.wish.audio == playlist.wish.audio == Audio()
    assert (playlist.where.since, playlist.keep.last) == (date(2020, 1, 1), 1)
    keys = {origin.key for origin in found.origins("a")}
    assert not keys & {"where.since", "where.live", "keep.last", "include", "interval"}
    assert "include" not in {origin.key for origin in found.origins(LIST)}


def test_origins_name_the_place_of_filters() -> None:
    text = "defaults: {where: {since: 2020-01-01}}\nchannels:\n  - {channel: '@one', where: {live: skip}}\n"
    origins = {origin.key: origin for origin in manifests({"tv.yaml": text}).origins("@one")}
    assert origins["where.since"] == Origin("where.since", "2020-01-01", "defaults of tv.yaml:1:27")
    assert origins["where.live"] == Origin("where.live", "skip", "file tv.yaml:3:37")
    assert origins["where.members_only"] == Origin("where.members_only", "want", "built-in")
    assert origins["include"] == Origin("include", "[videos]", "built-in")


def test_another_filter_is_another_generation() -> None:
    texts = ["", "where: {live: skip}", "keep: {last: 3}", f"pin: [{A}]", "suspend: true", "include: [live]"]
    found = [entries(f"channels:\n - channel: '@one'\n   {text}")["@one"].generation for text in texts]
    assert len(set(found)) == len(texts)


@pytest.mark.parametrize(
    "where",
    [
        "since: 2020-01-01, until: 2020-01-02",
        "kinds: [live], live: only",
        "kinds: [videos, live], live: skip",
        "kinds: [videos], live: want",
        "title: {match: [a, b], not: [b]}",
        "title: {not: [b]}",
        "title: {match: [b]}",
        "duration: 5m..5m",
        "since: 2020-01-01",
    ],
)
def test_rules_that_something_can_pass_are_no_contradiction(where: str) -> None:
    assert entries(f"playlists: [{{playlist: {LIST}, where: {{{where}}}}}]")[LIST].filters


@pytest.mark.parametrize("include", ["[videos]", "[live, shorts]", "[releases]", "[shorts, playlists]"])
def test_a_channel_whose_parts_may_hold_the_kinds_is_no_contradiction(include: str) -> None:
    text = f"channels: [{{channel: '@one', include: {include}, where: {{kinds: [videos, live]}}}}]"
    assert entries(text)["@one"].where.kinds == ("videos", "live")


# --- lists of ids


def test_a_list_holds_ids_addresses_and_comments() -> None:
    data = f"\ufeff# lectures\r\n\r\n{A}\r\n  https://youtu.be/{B}?t=1#x  # why\n{C}\n{A}\n\t# end".encode()
    assert read_ids("ids.txt", data) == ((A, B, C), ())


def test_every_bad_line_of_a_list_is_told() -> None:
    ids, problems = read_ids("ids.txt", f"{A}\n  nope\nhttps://vimeo.com/1 # x\n".encode())
    assert ids == (A,)
    assert [(problem.line, problem.column) for problem in problems] == [(2, 3), (3, 1)]
    assert "found 'nope', expected a video" in problems[0].message


@pytest.mark.parametrize(
    ("data", "message"), [(b"\xff", "ids.txt:1:1: not UTF-8"), (b"a\x00", "ids.txt:1:2: found the invisible")]
)
def test_a_list_that_is_no_text_is_refused(data: bytes, message: str) -> None:
    ids, (problem,) = read_ids("ids.txt", data)
    assert ids == ()
    assert str(problem).startswith(message)
