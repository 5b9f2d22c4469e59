"""Every path of the library on each common file system, by the rules of that file system, written down here once more.

ext4, xfs: 255 bytes, no slash, no NUL (Linux `path_resolution(7)`). NTFS and SMB: "Naming Files, Paths, and Namespaces"
of Microsoft Learn. exFAT: its specification, section 7.7.3 (invalid characters, 255 UTF-16 units). macOS: NFC or NFD, but
one name; no lone surrogate.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shown_items import shown_item

from ytarchive.core.desired import LibraryView
from ytarchive.core.item import FileRecord, Metadata
from ytarchive.core.views import FIELDS, KEYWORDS, Shown

ID = "-_aBcDeF012"
FILES = (
    FileRecord(f"{ID}.aaaaaaaaaa.mkv", 1, "", "video"),
    FileRecord(f"{ID}.bbbbbbbbbb.zh-Hant-TW.vtt", 1, "", "caption"),
    FileRecord(f"{ID}.cccccccccc.jpg", 1, "", "thumbnail"),
    FileRecord(f"{ID}.dddddddddd.info.json", 1, "", "info_json"),
    FileRecord(f"{ID}.eeeeeeeeee.description", 1, "", "description"),
)
DEVICES = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"),
}


def is_good_on_ext4(name: str) -> bool:
    return name not in (".", "..") and 0 < len(name.encode()) <= 255 and not {"/", "\0"} & {*name}


def is_good_on_ntfs(name: str) -> bool:
    base = name.partition(".")[0].rstrip(" ").upper()
    return (
        not {*'<>:"/\\|?*'} & {*name}
        and all(ord(char) >= 32 for char in name)
        and not name.endswith((" ", "."))
        and base not in DEVICES
    )


def is_good_on_exfat(name: str) -> bool:
    units = len(name.encode("utf-16-le")) // 2
    return 1 <= units <= 255 and not any(ord(char) < 32 or char in '"*/:<>?\\|' for char in name)


def is_good_over_smb(name: str) -> bool:
    """Samba and macOS map what Windows reserves to U+F000 and on: such characters would come back as others."""
    return is_good_on_ntfs(name) and not any(0xE000 <= ord(char) <= 0xF8FF for char in name)


def is_good_on_apfs(name: str) -> bool:
    return unicodedata.normalize("NFC", name) == name and not any(0xD800 <= ord(c) <= 0xDFFF for c in name)


hostile = st.sampled_from(
    [
        *(
            "..",
            ".",
            "CON",
            "con.",
            "aux .mkv",
            "COM¹",
            "LPT9.tar.gz",
            "NUL:",
            "a/b",
            "a\\b",
            "C:\\x",
            "~",
            "$MFT",
        ),
        *(
            "trailing. . ",
            " ",
            "\u202ereversed",
            "\ud800",
            "\uf022",
            "é" * 200,
            "😀" * 100,
            "e\u0301" * 150,
            "x" * 400,
        ),
        *(
            "con" + " " * 90,
            "\u3000",
            "a\u0000b",
            "[dQw4w9WgXcQ]",
            "x [-_aBcDeF012]",
            "Season 1",
            "\u200d",
            "\u0301",
        ),
    ]
)
texts = st.one_of(st.text(max_size=300), hostile)
layouts = st.sampled_from(
    [
        *(word for word in KEYWORDS if word != "none"),
        *(f"{{{field}}}/{{{field}}} {{title}}" for field in FIELDS),
    ]
)


@pytest.mark.parametrize(
    "is_good", [is_good_on_ext4, is_good_on_ntfs, is_good_on_exfat, is_good_over_smb, is_good_on_apfs]
)
@given(layouts, texts, texts, st.none() | texts, st.integers(1, 99))
@example("jellyfin", "x" * 300, "CON", "aux", 2)
def test_every_part_of_every_path_is_a_good_name(
    is_good: Callable[[str], bool], layout: str, title: str, channel: str, show: str | None, twin: int
) -> None:
    item = shown_item(ID, Metadata(title, channel, "UCx", "2026-01-31"), FILES, episode=1)
    shown = Shown(item, LibraryView("tv", layout, show), title=title)
    stem = shown.stem(twin=twin)
    paths = [file.path for file in shown.files(stem)]
    if shared := shown.shared(stem):
        paths.append(shared.path)
    for path in paths:
        for name in path.split("/"):
            assert is_good(name), name
