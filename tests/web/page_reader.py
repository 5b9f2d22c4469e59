"""An archive with everything that a page may have to show, made before the stand-in, and served."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

from web_office import SmallOffice, settings_in

from ytarchive.core.job import Event, Job, Permit
from ytarchive.core.plan import Action, Decision, Reason
from ytarchive.core.report import Ending
from ytarchive.simulator import WELL_KNOWN, Simulator, computed_playlist_id
from ytarchive.web.office import Health

HOSTILE = [
    WELL_KNOWN[name] for name in ("title_html", "title_rtl", "title_long", "title_quotes", "title_dots")
]
REFUSED = [WELL_KNOWN[name] for name in ("private", "members")]
HUGE = WELL_KNOWN["ordinary"]
LIST = computed_playlist_id(3)
_SMALL = "{max: 144p, min: 144p, codecs: [h264]}"


class PageOffice(SmallOffice):
    """The same, where a test says what the manifests' problems are."""

    problems: tuple[str, ...] = ()

    def health(self) -> Health:
        return replace(super().health(), problems=self.problems)


def write_manifests(folder: Path) -> None:
    folder.mkdir(parents=True)
    listed = "".join(f"  - {json.dumps(video)}\n" for video in [*HOSTILE, *REFUSED])
    captions = "captions: {languages: []}"
    (folder / "wanted.yaml").write_text(
        f"version: 1\ndefaults:\n  quality: {_SMALL}\n  {captions}\n  sidecars: [thumbnail]\nvideos:\n{listed}"
    )
    (folder / "lists.yaml").write_text(
        f"version: 1\ndefaults:\n  quality: {_SMALL}\n  {captions}\nplaylists:\n"
        f"  - {{playlist: {LIST}, name: 'Cosmos <i>'}}\n  - {{playlist: PLmissing0000000000000000000000, name: Lost}}\n"
    )
    (folder / "huge.yaml").write_text(
        f"version: 1\ndefaults:\n  quality: {{min: 4320p}}\n  {captions}\nvideos:\n  - {HUGE}\n"
    )


@contextmanager
def page_office(folder: Path) -> Iterator[PageOffice]:
    """After one pass: everything that can be had is here."""
    write_manifests(folder / "manifests")
    with Simulator() as youtube:
        settings = settings_in(
            folder,
            YTARCHIVE_NETWORK__PROXY=youtube.proxy_url,
            YTARCHIVE_NETWORK__CA_FILE=str(youtube.ca_path),
        )
        office = PageOffice(settings)
        try:
            office.wake("the test begins")
            until(office, lambda: office.health().passes > 0)
            yield office
        finally:
            office.close()


def until(office: SmallOffice, is_so: Callable[[], bool]) -> None:
    """Look again whenever something happens."""
    ends_at = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < ends_at, office.health()
        told = office.happenings.since(0)
        office.happenings.since(told[-1].id if told else 0, 0.2)


def begin(office: SmallOffice, video: str, title: str) -> str:
    """A download of which a third is there, as its worker would tell it; its job."""
    job = Job(id=f"job-{video}", kind="fetch", subject=video, permit=Permit("guest", 1, 0))
    decision = Decision(
        video, "ready", Reason.MISSING, "", Action.FETCH, entries=("Cosmos <i>",), title=title
    )
    for listener in (office.live, office.happenings):
        listener.started(job, decision)
        told = {
            "phase": "video",
            "done_bytes": 10_000_000,
            "total_bytes": 30_000_000,
            "bytes_per_second": 2e6,
        }
        listener.progressed(Event(job.id, 1, "progress", told))
    return job.id


def end(office: SmallOffice, video: str, title: str) -> None:
    decision = Decision(
        video, "ready", Reason.MISSING, "", Action.FETCH, entries=("Cosmos <i>",), title=title
    )
    for listener in (office.live, office.happenings):
        listener.ended(Ending(decision, "fetched", job=f"job-{video}", bytes=30_000_000))


@dataclass
class Outline(HTMLParser):
    """What a page consists of, for those who cannot see it."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def outline(html: str) -> Outline:
    read = Outline()
    read.feed(html)
    return read
