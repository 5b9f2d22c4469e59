"""The library: derivable, never over what somebody else put there, and stable when titles change."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import archive_making as making
import pytest
from archive_making import SHARD, TV, VIDEO, put, stage_better, stage_first

from ytarchive.adapters.archive import Archive, Disk
from ytarchive.core.desired import LibraryView
from ytarchive.core.item import Item, Metadata, Role
from ytarchive.core.layout import LibraryName
from ytarchive.errors import ArchiveError

NAMES = [f"A title [{VIDEO}]{suffix}" for suffix in (".en.vtt", ".jpg", ".mkv")]


@pytest.fixture
def item(archive: Archive) -> Item:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    return item


def names_in(archive: Archive, view: str = "tv") -> list[str]:
    folder = archive.tree.library / view
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def better(archive: Archive, **changes: object) -> Item:
    item, staging = stage_better(archive)
    item = replace(item, **changes)  # type: ignore[arg-type]
    archive.update(item, staging)
    return item


def media(archive: Archive, item: Item) -> Path:
    return archive.folder(item) / item.files[0].name


def without_links(archive: Archive, *refused: str) -> Archive:
    """The same archive on a file system that has no hard links."""

    def step(kind: str, path: Path) -> None:
        if kind in refused:
            raise OSError(errno.EPERM, "Operation not permitted", str(path))

    return Archive.of(archive.tree, archive.id, Disk(step=step))


def test_media_are_links_and_the_rest_are_copies_that_may_be_written(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    assert names_in(archive) == NAMES
    folder = archive.tree.library / "tv"
    assert (folder / NAMES[2]).samefile(media(archive, item))
    assert (folder / NAMES[0]).stat().st_nlink == 1
    assert (folder / NAMES[0]).read_bytes() == making.CAPTION
    assert (folder / NAMES[0]).stat().st_mode & 0o777 == 0o644
    assert sorted(name.path for name in arranged.names) == NAMES
    assert not arranged.symbolic
    assert archive.library.is_arranged(item, [TV], arranged.names)


def test_arranging_again_changes_nothing_also_without_the_records(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    assert archive.library.arrange(item, [TV], arranged.names) == arranged
    assert archive.library.arrange(item, [TV], ()).names == arranged.names
    assert names_in(archive) == NAMES


def test_every_view_that_wants_a_video_shows_it_and_one_that_no_longer_does_loses_it(
    archive: Archive, item: Item
) -> None:
    kids = LibraryView("kids")
    both = archive.library.arrange(item, [TV, kids, TV], ())
    assert names_in(archive, "kids") == names_in(archive) == NAMES
    assert not archive.library.is_arranged(item, [TV], both.names)
    one = archive.library.arrange(item, [TV], both.names)
    assert not (archive.tree.library / "kids").exists()
    assert names_in(archive) == NAMES
    assert len(one.removed) == 3
    assert archive.library.is_arranged(item, [TV], one.names)


def test_an_update_is_shown_under_the_same_names_although_the_title_changed(
    archive: Archive, item: Item
) -> None:
    before = archive.library.arrange(item, [TV], ())
    new = better(archive, metadata=Metadata("Another title"))
    assert not archive.library.is_arranged(new, [TV], before.names)
    after = archive.library.arrange(new, [TV], before.names)
    assert names_in(archive) == NAMES
    folder = archive.tree.library / "tv"
    assert (folder / NAMES[2]).samefile(media(archive, new))
    assert (folder / NAMES[0]).read_bytes() == making.CORRECTED
    assert archive.library.is_arranged(new, [TV], after.names)


def test_a_file_that_is_no_longer_part_of_an_item_leaves_the_library(archive: Archive, item: Item) -> None:
    before = archive.library.arrange(item, [TV], ())
    staging = archive.stage(VIDEO)
    new = making.make_item(put(staging, ".webm", making.BETTER, "video"), at=2000)
    archive.update(new, staging)
    after = archive.library.arrange(new, [TV], before.names)
    assert names_in(archive) == [f"A title [{VIDEO}].webm"]
    assert sorted(name.path for name in after.removed) == NAMES


def test_a_foreign_file_under_our_media_name_stays_and_ours_takes_the_next(
    archive: Archive, item: Item
) -> None:
    folder = archive.tree.library / "tv"
    folder.mkdir()
    (folder / NAMES[2]).write_text("mine")
    arranged = archive.library.arrange(item, [TV], ())
    assert (folder / NAMES[2]).read_text() == "mine"
    assert sorted(name.path for name in arranged.names) == [
        f"A title [{VIDEO}] (2){suffix}" for suffix in (".en.vtt", ".jpg", ".mkv")
    ]
    assert archive.library.is_arranged(item, [TV], arranged.names)
    assert archive.library.arrange(item, [TV], arranged.names) == arranged


def test_a_foreign_file_that_replaced_our_media_stays(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    ours = archive.tree.library / "tv" / NAMES[2]
    (archive.tree.library / "new").write_text("mine")
    (archive.tree.library / "new").rename(ours)
    assert not archive.library.is_arranged(item, [TV], arranged.names)
    again = archive.library.arrange(item, [TV], arranged.names)
    assert ours.read_text() == "mine"
    assert f"A title [{VIDEO}] (2).mkv" in names_in(archive)
    assert archive.library.is_arranged(item, [TV], again.names)


def test_a_foreign_picture_beside_our_media_stays_and_is_told(archive: Archive, item: Item) -> None:
    folder = archive.tree.library / "tv"
    folder.mkdir()
    (folder / NAMES[1]).write_text("a media server's own")
    (folder / f"A title [{VIDEO}].nfo").write_text("a media server's own")
    arranged = archive.library.arrange(item, [TV], ())
    assert arranged.foreign == [f"tv/{NAMES[1]}"]
    assert (folder / NAMES[1]).read_text() == "a media server's own"
    assert (folder / f"A title [{VIDEO}].nfo").exists()
    assert archive.library.is_arranged(item, [TV], arranged.names)
    archive.library.withdraw(arranged.names)
    assert names_in(archive) == [NAMES[1], f"A title [{VIDEO}].nfo"]


def test_a_copy_that_somebody_replaced_is_theirs_from_then_on(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    ours = archive.tree.library / "tv" / NAMES[0]
    (archive.tree.library / "corrected").write_text("their own")
    (archive.tree.library / "corrected").rename(ours)
    assert archive.library.is_arranged(item, [TV], arranged.names)
    new = better(archive)
    again = archive.library.arrange(new, [TV], arranged.names)
    assert ours.read_text() == "their own"
    assert again.foreign == [f"tv/{NAMES[0]}"]
    assert archive.library.is_arranged(new, [TV], again.names)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_name_that_somebody_removed_is_noticed_and_made_again(
    archive: Archive, item: Item, position: int
) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    (archive.tree.library / "tv" / NAMES[position]).unlink()
    assert not archive.library.is_arranged(item, [TV], arranged.names)
    archive.library.arrange(item, [TV], arranged.names)
    assert names_in(archive) == NAMES


def test_only_names_with_our_inode_are_removed(archive: Archive, item: Item, tmp_path: Path) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    folder = archive.tree.library / "tv"
    (tmp_path / "precious").write_text("")
    (folder / "other").write_text("")
    (folder / "other").rename(folder / NAMES[0])
    lies = [
        LibraryName("..", "archive.json", VIDEO, 0, archive.tree.sentinel.stat().st_ino),
        LibraryName("tv", "../../.ytarchive/archive.json", VIDEO, 0, archive.tree.sentinel.stat().st_ino),
    ]
    archive.library.withdraw([*arranged.names, *lies])
    assert names_in(archive) == [NAMES[0]]
    assert archive.tree.sentinel.exists()


def test_where_hard_links_are_refused_symbolic_ones_lead_to_the_file(archive: Archive, item: Item) -> None:
    plain = without_links(archive, "link")
    arranged = plain.library.arrange(item, [TV], ())
    ours = archive.tree.library / "tv" / NAMES[2]
    assert arranged.symbolic
    assert str(ours.readlink()) == f"../../videos/{SHARD}/{VIDEO}/{item.files[0].name}"
    assert names_in(archive) == NAMES
    assert plain.library.is_arranged(item, [TV], arranged.names)
    assert plain.library.arrange(item, [TV], ()) == arranged
    new = better(archive)
    assert not plain.library.is_arranged(new, [TV], arranged.names)
    after = plain.library.arrange(new, [TV], arranged.names)
    assert ours.read_bytes() == making.BETTER
    assert names_in(archive) == NAMES
    assert plain.library.is_arranged(new, [TV], after.names)


def test_where_no_link_of_any_kind_is_possible_the_error_has_a_cure(archive: Archive, item: Item) -> None:
    with pytest.raises(ArchiveError, match="library") as caught:
        without_links(archive, "link", "symlink").library.arrange(item, [TV], ())
    assert caught.value.cure


@pytest.mark.parametrize("name", ["", "..", "a/b", "end."])
def test_a_view_that_cannot_be_a_folder_is_refused(archive: Archive, item: Item, name: str) -> None:
    with pytest.raises(ArchiveError, match="cannot be a folder"):
        archive.library.arrange(item, [LibraryView(name)], ())


SHOW = LibraryView("tv", "jellyfin", "Shows")
SEASON = "Shows/Season 1970"


def tree(archive: Archive, view: str = "tv") -> list[str]:
    folder = archive.tree.library / view
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_a_show_stands_in_its_seasons_and_leaves_no_folder_behind(archive: Archive, item: Item) -> None:
    stem = f"{SEASON}/Shows S1970E010101 - A title [{VIDEO}]"
    arranged = archive.library.arrange(item, [SHOW], ())
    ours = sorted(f"{stem}{suffix}" for suffix in (".en.vtt", "-thumb.jpg", ".mkv", ".nfo"))
    assert tree(archive) == [*ours, "Shows/tvshow.nfo"]
    assert (archive.tree.library / "tv" / f"{stem}.mkv").samefile(media(archive, item))
    assert archive.library.is_arranged(item, [SHOW], arranged.names)
    assert archive.library.arrange(item, [SHOW], arranged.names) == arranged
    assert archive.library.arrange(item, [SHOW], ()).names == arranged.names

    flat = archive.library.arrange(item, [TV], arranged.names)

    assert tree(archive) == NAMES
    assert sorted(name.path for name in flat.removed) == ours
    archive.library.arrange(item, [SHOW], flat.names)
    assert tree(archive) == [*ours, "Shows/tvshow.nfo"]


@pytest.mark.parametrize(
    ("role", "content", "plot"),
    [
        ("description", b"About <it>", "About &lt;it&gt;"),
        ("info_json", b'{"description": "About it"}', "About it"),
        ("info_json", b'{"description": 7}', None),
        ("info_json", b"[" * 100_000, None),
        ("info_json", b"[]", None),
    ],
)
def test_an_episode_is_told_by_its_description_wherever_that_is(
    archive: Archive, role: Role, content: bytes, plot: str | None
) -> None:
    staging = archive.stage(VIDEO)
    item = making.make_item(
        making.put(staging, ".mkv", making.MEDIA, "video"), making.put(staging, ".txt", content, role)
    )
    archive.commit(item, staging)
    archive.library.arrange(item, [SHOW], ())
    (nfo,) = (archive.tree.library / "tv" / SEASON).glob("*.nfo")
    told = nfo.read_text()
    assert (f"<plot>{plot}</plot>" in told) if plot else ("<plot>" not in told)


def test_what_others_put_into_a_show_stays_and_so_do_its_folders(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [SHOW], ())
    folder = archive.tree.library / "tv"
    (folder / "Shows" / "tvshow.nfo").write_text("<tvshow><title>mine</title></tvshow>")
    (folder / SEASON / "season-poster.jpg").write_bytes(b"theirs")
    archive.library.arrange(item, [SHOW], arranged.names)
    assert (folder / "Shows" / "tvshow.nfo").read_text() == "<tvshow><title>mine</title></tvshow>"
    archive.library.withdraw(arranged.names)
    assert tree(archive) == [f"{SEASON}/season-poster.jpg", "Shows/tvshow.nfo"]


def test_a_file_where_a_show_needs_a_folder_is_told_and_stays(archive: Archive, item: Item) -> None:
    (archive.tree.library / "tv").mkdir()
    (archive.tree.library / "tv" / "Shows").write_bytes(b"theirs")
    arranged = archive.library.arrange(item, [SHOW], ())
    assert (arranged.names, len(arranged.foreign)) == ([], 4)
    assert (archive.tree.library / "tv" / "Shows").read_bytes() == b"theirs"


def test_a_folder_that_became_a_link_is_never_entered(archive: Archive, item: Item, tmp_path: Path) -> None:
    arranged = archive.library.arrange(item, [SHOW], ())
    shows = archive.tree.library / "tv" / "Shows"
    shows.rename(tmp_path / "elsewhere")
    shows.symlink_to(tmp_path / "elsewhere")
    before = sorted(path.name for path in (tmp_path / "elsewhere").rglob("*"))
    assert archive.library.arrange(item, [SHOW], arranged.names).foreign
    archive.library.withdraw(arranged.names)
    assert sorted(path.name for path in (tmp_path / "elsewhere").rglob("*")) == before


def test_links_of_a_show_that_are_symbolic_lead_out_of_its_folders(archive: Archive, item: Item) -> None:
    limited = without_links(archive, "link")
    limited.library.arrange(item, [SHOW], ())
    (link,) = (archive.tree.library / "tv").rglob("*.mkv")
    assert link.is_symlink()
    assert link.resolve().samefile(media(archive, item))


def test_the_names_of_a_show_are_learnt_from_what_they_hold(archive: Archive, item: Item) -> None:
    arranged = archive.library.arrange(item, [SHOW], ())
    found = list(archive.library.survey(lambda video: archive.folder(item) if video == VIDEO else None))
    assert sorted(found) == sorted(name._replace(layout="?") for name in arranged.names)
    assert archive.library.arrange(item, [SHOW], found).names == arranged.names


def test_names_that_were_found_again_move_when_the_layout_is_another_one(
    archive: Archive, item: Item
) -> None:
    archive.library.arrange(item, [SHOW], ())
    found = list(archive.library.survey(lambda _: archive.folder(item)))
    archive.library.arrange(item, [TV], found)
    assert tree(archive) == NAMES


FOLLOWING = replace(SHOW, follow_titles=True)


def test_a_view_that_follows_titles_shows_the_newest_and_others_the_first(
    archive: Archive, item: Item
) -> None:
    first = archive.library.arrange(item, [FOLLOWING, TV], (), title="A title")
    inode = media(archive, item).stat().st_ino
    later = archive.library.arrange(item, [FOLLOWING, TV], first.names, title="Another/title")
    stem = f"{SEASON}/Shows S1970E010101 - Another⧸title [{VIDEO}]"
    assert tree(archive) == sorted(
        [
            *NAMES,
            *(f"{stem}{suffix}" for suffix in (".en.vtt", "-thumb.jpg", ".mkv", ".nfo")),
            "Shows/tvshow.nfo",
        ]
    )
    assert (archive.tree.library / "tv" / f"{stem}.mkv").stat().st_ino == inode
    assert "Another/title" in (archive.tree.library / "tv" / f"{stem}.nfo").read_text()
    assert archive.library.is_arranged(item, [FOLLOWING], later.names[:4], title="Another/title")
    assert not archive.library.is_arranged(item, [FOLLOWING], later.names[:4], title="A third")
    again = archive.library.arrange(item, [FOLLOWING, TV], later.names, title=None)
    assert [name.path for name in again.names] == [name.path for name in later.names]


def test_a_title_that_is_followed_keeps_the_number_that_told_its_name_from_another(
    archive: Archive, item: Item
) -> None:
    view = replace(TV, follow_titles=True)
    (archive.tree.library / "tv").mkdir()
    (archive.tree.library / "tv" / NAMES[2]).write_bytes(b"theirs")
    first = archive.library.arrange(item, [view], ())
    (archive.tree.library / "tv" / NAMES[2]).unlink()
    assert archive.library.arrange(item, [view], first.names, title="A title") == first


def test_a_view_that_is_a_link_is_never_entered(archive: Archive, item: Item, tmp_path: Path) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    view = archive.tree.library / "tv"
    view.rename(tmp_path / "elsewhere")
    view.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="not a folder"):
        archive.library.arrange(item, [TV], ())
    archive.library.withdraw(arranged.names)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 3


def test_ninety_nine_taken_names_are_an_error_with_a_cure(archive: Archive, item: Item) -> None:
    folder = archive.tree.library / "tv"
    folder.mkdir()
    (folder / NAMES[2]).write_text("")
    for twin in range(2, 100):
        (folder / f"A title [{VIDEO}] ({twin}).mkv").write_text("")
    with pytest.raises(ArchiveError, match="99") as caught:
        archive.library.arrange(item, [TV], ())
    assert caught.value.cure


@pytest.mark.parametrize("position", [0, 2])
def test_a_name_that_somebody_takes_meanwhile_is_theirs(archive: Archive, item: Item, position: int) -> None:
    def step(kind: str, path: Path) -> None:
        if kind == "link" and path.name == NAMES[position]:
            path.write_text("theirs")

    arranged = Archive.of(archive.tree, archive.id, Disk(step=step)).library.arrange(item, [TV], ())
    assert arranged.foreign == [f"tv/{NAMES[position]}"]
    assert (archive.tree.library / "tv" / NAMES[position]).read_text() == "theirs"
    assert names_in(archive) == NAMES


def test_where_names_must_be_short_titles_are_cut(archive: Archive) -> None:
    item, staging = stage_first(archive)
    item = replace(item, metadata=Metadata("A very long title " * 20))
    archive.commit(item, staging)
    short = Archive.of(archive.tree, archive.id, Disk(name_bytes=143))
    arranged = short.library.arrange(item, [TV], ())
    assert max(len(name.encode()) for name in names_in(archive)) <= 143
    assert short.library.arrange(item, [TV], arranged.names) == arranged


def test_a_hostile_title_stays_in_its_view(archive: Archive) -> None:
    item, staging = stage_first(archive)
    item = replace(item, metadata=Metadata("../../../../tmp/\x1b[31m<script>"))
    archive.commit(item, staging)
    archive.library.arrange(item, [TV], ())
    assert len(names_in(archive)) == 3
    assert making.leftovers(archive) == []


def test_an_index_that_was_lost_learns_from_the_links_what_is_ours(
    archive: Archive, item: Item, tmp_path: Path
) -> None:
    arranged = archive.library.arrange(item, [TV], ())
    folder = archive.tree.library / "tv"
    (folder / "notes.txt").write_text("")
    (folder / "other [otherVideo1].mkv").write_text("")
    (folder / f"mine [{VIDEO}].mkv").write_text("")
    (folder / f"away [{VIDEO}].mkv").symlink_to(tmp_path)
    homes = {VIDEO: archive.folder(item)}
    survey = list(archive.library.survey(homes.get))
    assert sorted(survey) == sorted(name._replace(layout="?") for name in arranged.names)
    new = better(archive, metadata=Metadata("Another title"))
    archive.library.arrange(new, [TV], survey)
    assert {*NAMES} < {*names_in(archive)}


def test_symbolic_names_are_learnt_too(archive: Archive, item: Item) -> None:
    arranged = without_links(archive, "link").library.arrange(item, [TV], ())
    homes = {VIDEO: archive.folder(item)}
    found = sorted(archive.library.survey(homes.get))
    assert found == sorted(name._replace(layout="?") for name in arranged.names)


def test_temporary_names_of_a_crash_are_swept(archive: Archive, item: Item) -> None:
    archive.library.arrange(item, [TV], ())
    os.link(media(archive, item), archive.tree.library / "tv" / ".ytarchive~0123456789abcdef")
    archive.sweep(0)
    assert names_in(archive) == NAMES


def test_a_relink_that_failed_half_way_is_made_good_by_the_next(archive: Archive, item: Item) -> None:
    known = archive.library.arrange(item, [TV], ()).names
    new = better(archive)

    def step(kind: str, path: Path) -> None:
        if kind == "rename":
            raise OSError(errno.EIO, "Input/output error", str(path))

    with pytest.raises(ArchiveError, match="Input/output"):
        Archive.of(archive.tree, archive.id, Disk(step=step)).library.arrange(new, [TV], known)
    assert len(names_in(archive)) == 4
    archive.library.arrange(new, [TV], known)
    assert names_in(archive) == NAMES
    assert (archive.tree.library / "tv" / NAMES[2]).samefile(media(archive, new))


def test_a_disk_without_room_for_a_copy_leaves_nothing_half(archive: Archive, item: Item) -> None:
    def step(kind: str, path: Path) -> None:
        if kind == "fsync" and ".ytarchive~" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with pytest.raises(ArchiveError, match="No space"):
        Archive.of(archive.tree, archive.id, Disk(step=step)).library.arrange(item, [TV], ())
    assert names_in(archive) == [NAMES[2]]
    assert sorted(name.path for name in archive.library.arrange(item, [TV], ()).names) == NAMES
