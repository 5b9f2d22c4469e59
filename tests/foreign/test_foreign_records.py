"""Records of other tools, as these write them: recognised by content, read without a trace, and never believed blindly."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ytarchive.adapters.foreign import Records, Unreadable, databases, read_records
from ytarchive.adapters.foreign.records import may_be_records
from ytarchive.core.adoption import Claim

ID, OTHER = "dQw4w9WgXcQ", "jNQXAC9IVRw"
CHANNEL = "UC" + "a" * 22


def put_json(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data))
    return path


def put_database(path: Path, script: str, *, open_wal: bool = False) -> Path:
    with closing(sqlite3.connect(path)) as database:
        if open_wal:
            database.execute("PRAGMA journal_mode = WAL")
        database.executescript(script)
        if open_wal:
            # As a program leaves it that was killed: the newest rows are in the -wal.
            for suffix in ("", "-wal"):
                Path(f"{path}{suffix}.copy").write_bytes(Path(f"{path}{suffix}").read_bytes())
    if open_wal:
        for suffix in ("", "-wal"):
            os.replace(f"{path}{suffix}.copy", f"{path}{suffix}")  # noqa: PTH105
    return path


TUBE_SYNC = f"""
CREATE TABLE sync_source (uuid char(32), source_type varchar(1), key varchar(100), name varchar(100));
CREATE TABLE sync_media (uuid char(32), key varchar(100), media_file varchar(255), title varchar(200), published datetime,
    source_id char(32), downloaded bool);
INSERT INTO sync_source VALUES ('a', 'i', '{CHANNEL}', 'A channel'), ('b', 'p', 'PLx', 'A list');
INSERT INTO sync_media VALUES
    ('1', '{ID}', 'video/chan/2024-01-02_x.mkv', 'A talk', '2024-01-02 10:00:00', 'a', 1),
    ('2', '{OTHER}', 'video/list/y.mkv', '', NULL, 'b', 1),
    ('3', 'notyetthere', '', 'Z', NULL, 'a', 0),
    ('4', 'no id', 'video/chan/z.mkv', 'Z', NULL, 'a', 1),
    ('5', X'00', X'00', 5, 5, NULL, 1);
"""
PINCHFLAT = f"""
CREATE TABLE sources (id INTEGER, collection_name TEXT, collection_id TEXT, collection_type TEXT);
CREATE TABLE media_items (id INTEGER, media_id TEXT, title TEXT, media_filepath TEXT, {{day}} TEXT, source_id INTEGER);
INSERT INTO sources VALUES (1, 'A channel', '{CHANNEL}', 'channel'), (2, 'A list', 'PLx', 'playlist');
INSERT INTO media_items VALUES (1, '{ID}', 'A talk', '/downloads/A channel/A talk.mp4', '2024-01-02T10:00:00Z', 1),
    (2, '{OTHER}', 'B', '/downloads/A list/B.mp4', '2024-01-03', 2), (3, 'notyetthere', 'C', NULL, '2024-01-03', 1);
"""


def test_tube_sync_s_database_tells_files_titles_days_and_channels(tmp_path: Path) -> None:
    found = read_records(put_database(tmp_path / "db.sqlite3", TUBE_SYNC))

    assert found == Records(
        "TubeSync",
        (
            Claim(
                "TubeSync",
                ID,
                ("video", "chan", "2024-01-02_x.mkv"),
                "A talk",
                "2024-01-02",
                "A channel",
                CHANNEL,
            ),
            Claim("TubeSync", OTHER, ("video", "list", "y.mkv")),
        ),
    )


@pytest.mark.parametrize("day", ["upload_date", "uploaded_at"])
def test_pinchflat_s_database_is_read_in_its_older_and_newer_form(tmp_path: Path, day: str) -> None:
    found = read_records(put_database(tmp_path / "pinchflat.db", PINCHFLAT.format(day=day)))

    assert found.claims == (
        Claim(
            "Pinchflat",
            ID,
            ("downloads", "A channel", "A talk.mp4"),
            "A talk",
            "2024-01-02",
            "A channel",
            CHANNEL,
        ),
        Claim("Pinchflat", OTHER, ("downloads", "A list", "B.mp4"), "B", "2024-01-03"),
    )


def test_rows_that_only_the_wal_holds_are_read_and_nothing_is_made_beside_it(tmp_path: Path) -> None:
    path = put_database(tmp_path / "db.sqlite3", TUBE_SYNC, open_wal=True)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    assert len(read_records(path).claims) == 2
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_database_that_lacks_columns_claims_nothing(tmp_path: Path) -> None:
    path = put_database(tmp_path / "db.sqlite3", "CREATE TABLE sync_media (a); CREATE TABLE sync_source (a);")

    assert read_records(path).claims == ()


@pytest.mark.parametrize("script", ["CREATE TABLE something (a)", "CREATE TABLE media_items (a);"])
def test_a_database_of_nobody_known_is_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(Unreadable, match="database"):
        read_records(put_database(tmp_path / "db.sqlite3", script))


def test_a_view_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_MOST_PORTIONS", 20)
    endless = """
    CREATE TABLE sync_media (key, media_file, source_id);
    INSERT INTO sync_media VALUES (1, 1, 1);
    CREATE VIEW sync_source AS WITH RECURSIVE n(uuid) AS (SELECT 1 UNION ALL SELECT uuid + 1 FROM n) SELECT -uuid uuid FROM n;
    """

    with pytest.raises(Unreadable, match="interrupt"):
        read_records(put_database(tmp_path / "db.sqlite3", endless))


def test_ytdl_sub_s_records_claim_files_below_their_own_folder(tmp_path: Path) -> None:
    names = ["Season 2024/s2024.e01 - T.mp4", "Season 2024/s2024.e01 - T-thumb.jpg"]
    told = {
        ID: {"upload_date": "2024-01-02", "extractor": "youtube", "file_names": names},
        "12345": {"upload_date": "2024-01-02", "extractor": "vimeo", "file_names": ["v.mp4"]},
        OTHER: {"upload_date": 7, "extractor": None, "file_names": [3, "", "o.mp4"]},
        "aaaaaaaaaaa": {"file_names": "x"},
        "bbbbbbbbbbb": None,
    }
    path = put_json(tmp_path / ".ytdl-sub-talks-download-archive.json", told)

    assert read_records(path).claims == (
        *(
            Claim("ytdl-sub", ID, (*tmp_path.parts, *name.split("/")), uploaded_on="2024-01-02")
            for name in names
        ),
        Claim("ytdl-sub", OTHER, (*tmp_path.parts, "o.mp4")),
    )


def put_backup(path: Path, lines: list[Any], member: str = "es_video-20241102-0.json") -> Path:
    with zipfile.ZipFile(path, "w") as backup:
        backup.writestr(member, "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines))
    return path


def test_a_backup_of_tube_archivist_tells_what_it_indexed(tmp_path: Path) -> None:
    video = {
        "youtube_id": ID, "media_url": f"{CHANNEL}/{ID}.mp4", "title": "A talk", "published": "2024-01-02",
        "channel": {"channel_id": CHANNEL, "channel_name": "A channel"},
    }  # fmt: skip
    later = {
        "youtube_id": OTHER,
        "media_url": f"{CHANNEL}/{OTHER}.mp4",
        "published": 1704189600,
        "channel": None,
    }
    lines: list[Any] = [
        {"index": {"_index": "ta_video", "_id": ID}}, video, "no json", "[" * 5000, later,
        {"youtube_id": "../etc", "media_url": "a/b"}, {"youtube_id": "aaaaaaaaaaa", "media_url": None, "published": -1},
        "x" * (5 * 1024 * 1024), "[]",
    ]  # fmt: skip
    path = put_backup(tmp_path / "ta_backup-20241102-manual.zip", lines)

    assert read_records(path).claims == (
        Claim("TubeArchivist", ID, (CHANNEL, f"{ID}.mp4"), "A talk", "2024-01-02", "A channel", CHANNEL),
        Claim("TubeArchivist", OTHER, (CHANNEL, f"{OTHER}.mp4"), uploaded_on="2024-01-02"),
    )


def test_a_download_archive_tells_ids_of_youtube(tmp_path: Path) -> None:
    path = tmp_path / "done.txt"
    path.write_text(f"youtube {ID}\n\nvimeo 1234\nyoutube {OTHER}\nyoutube toolongtobeanid\n")

    assert read_records(path) == Records("yt-dlp", ids=frozenset({ID, OTHER}))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "none of the records"),
        (b"a text about things\nof many words\n", "none of the records"),
        (b"{", "is no JSON"),
        (b'{"a": {"b": 1}}', "none of the records"),
        (b"SQLite format 3\0" + b"\0" * 4096, "database"),
        (b"PK\x03\x04 broken", "backup of TubeArchivist"),
        (b"[" * 100_000, "none of the records"),
        (b"{" + b'"a":[' * 100_000, "is no JSON"),
    ],
    ids=["empty", "prose", "torn", "other json", "torn database", "torn zip", "brackets", "deep json"],
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=why):
        read_records(path)


def test_a_zip_of_something_else_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(put_json(tmp_path / "real.json", {}))

    for path in (
        put_backup(tmp_path / "other.zip", [], "readme.txt"),
        tmp_path / "pipe",
        tmp_path / "link",
        tmp_path,
    ):
        with pytest.raises(Unreadable):
            read_records(path)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        (".ytdl-sub-talks-download-archive.json", True),
        (".ytdl-subscribe-talks-download-mapping.json", True),
        (".A show-download-archive.json", True),
        ("pinchflat.db", True),
        ("db.sqlite3", True),
        ("ta_backup-20241102-auto.zip", True),
        ("archive.txt", True),
        ("yt-dlp.archive", True),
        ("notes.txt", False),
        ("holiday.zip", False),
    ],
)
def test_records_in_a_library_are_known_by_their_names(name: str, may: bool) -> None:
    assert may_be_records(name) == may
