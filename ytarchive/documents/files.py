"""Where the files of a video are."""

from __future__ import annotations

from ytarchive.reconciler import World


def files_of(world: World, video: str) -> tuple[str, ...]:
    """Where to find a video: its names in the library, else its files in the archive."""
    root = world.archive.root
    views = world.index.views(video)
    if views:
        return tuple(str(root / "library" / view.view / view.path) for view in views)
    item = world.item(video)
    if item is None:
        return ()
    folder = root / "videos" / item.shard / video
    return tuple(str(folder / file.name) for file in item.files)
