"""Engines to try: a package index in a folder, made of the installed yt-dlp under other versions, and hollow engines."""

from __future__ import annotations

import re
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from ytarchive.adapters.engines import Rack
from ytarchive.core.engines import Installed, SelfTest, Step

SOLVER = distribution("yt-dlp-ejs").version
CURRENT = distribution("yt-dlp").version
NOW = 1_800_000_000
# Other sites than YouTube take most of the time, and none of them is loaded.
_LEFT_OUT = re.compile(
    r"__pycache__|RECORD$|REQUESTED$|^yt_dlp/extractor/(?!youtube/|__init__|lazy_extractors|extractors|common|openload|adobepass|afreecatv)"
)


def make_wheel(folder: Path, name: str, version: str, broken: str | None = None) -> Path:
    """The installed distribution as a wheel that says it is of another version; `broken` is a file with a fault in it."""
    found = distribution(name)
    package = name.replace("-", "_")
    wheel = folder / f"{package}-{version}-py3-none-any.whl"
    record = f"{package}-{version}.dist-info/RECORD"
    with zipfile.ZipFile(wheel, "w") as archive:
        lines = [f"{record},,"]
        for file in found.files or ():
            path = str(file)
            if path.startswith("..") or _LEFT_OUT.search(path):
                continue
            data = Path(str(found.locate_file(file))).read_bytes()
            if path.endswith(("METADATA", "version.py")):
                data = data.replace(found.version.encode(), version.encode())
            if path == broken:
                data = b"raise RuntimeError('a release with a fault')\n"
            place = path.replace(f"{package}-{found.version}.dist-info", f"{package}-{version}.dist-info")
            archive.writestr(place, data)
            lines.append(f"{place},,")
        archive.writestr(record, "\n".join(lines) + "\n")
    return wheel


def index_environment(folder: Path) -> dict[str, str]:
    """What makes pip look into this folder, and nowhere else."""
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def hollow(version: str) -> Installed:
    """What is written about an engine of which nobody starts anything."""
    return Installed(version, SOLVER, NOW, SelfTest(version, SOLVER, "", (Step("load", "ok", ""),)))


def put(rack: Rack, version: str, files: int = 2) -> None:
    """Put an engine of a few small files into its place."""
    with rack.changing(), rack.making() as made:
        fill(made, files)
        rack.put_in_place(made, hollow(version))


def fill(folder: Path, files: int) -> None:
    (folder / "yt_dlp").mkdir()
    for number in range(files):
        (folder / "yt_dlp" / f"{number}.py").write_text(f"{number}\n")
