"""A naive model of the index: what was done, as plainly as it can be kept, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ytarchive.adapters.index.claims import REQUEST_PRIORITY
from ytarchive.core.desired import Entry, Target, lowered, target_digest, unite
from ytarchive.core.filters import Facts, Verdict, judge_all
from ytarchive.core.plan import LeftOut, Row
from ytarchive.core.sources import is_newest_first, sources_of

CHANNEL = "UC" + "c" * 22
ADDRESS = "channel:@somebody"
CATALOGUE = f"playlists:{CHANNEL}"
UPLOADS = "UULF" + "c" * 22
SHORTS = "UUSH" + "c" * 22
UNKNOWN_DATE = 1 << 40


@dataclass
class OnDisk:
    got: str
    condition: str = "whole"
    late: tuple[str, ...] = ()
    late_due_at: int | None = None


@dataclass(frozen=True)
class Claim:
    """An entry by one of its sources, as `place` in its list; `verdict` is what its filter says of the video."""

    entry: Entry | None
    name: str
    wish: Target
    priority: int
    single: bool
    entry_place: int
    source_place: int = 0
    source: str = ""
    place: int = 0
    verdict: str = "wanted"

    @property
    def order(self) -> tuple[int, bool, int, int]:
        return (-self.priority, not self.single, self.entry_place, self.source_place)


@dataclass
class Model:
    entries: tuple[Entry, ...] = ()
    members: dict[str, list[str]] = field(default_factory=dict)
    channel: str | None = None
    catalogue: list[str] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    requests: dict[str, list[Target]] = field(default_factory=dict)
    disk: dict[str, OnDisk] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    ignored: dict[str, int | None] = field(default_factory=dict)
    lowered: set[str] = field(default_factory=set)

    def copy(self) -> Model:
        return replace(
            self,
            members={source: list(videos) for source, videos in self.members.items()},
            catalogue=list(self.catalogue),
            facts=dict(self.facts),
            requests={video: list(wishes) for video, wishes in self.requests.items()},
            disk={video: replace(disk) for video, disk in self.disk.items()},
            attempts=dict(self.attempts),
            running=set(self.running),
            ignored=dict(self.ignored),
            lowered=set(self.lowered),
        )

    # What a video is known to be

    def learn(
        self,
        video: str,
        *,
        examined: bool = False,
        published: tuple[int | None, int | None] = (None, None),
        **told: object,
    ) -> None:
        """What is not told stays; of two spans of time the narrower one, and an exact time, is believed."""
        known = self.facts.get(video, Facts(video))
        first, last = published
        news = {name: value for name, value in told.items() if value is not None}
        if first is not None and last is not None:
            old_first, old_last = known.published_from, known.published_to
            narrower = old_first is None or old_last is None or last - first < old_last - old_first
            if narrower or first == last:
                news |= {"published_from": first, "published_to": last}
        self.facts[video] = replace(known, examined=examined or known.examined, **news)  # type: ignore[arg-type]

    # Where videos come from

    def sources(self, entry: Entry) -> Iterator[tuple[int, str, str]]:
        """(place, kind, source) of every source of an entry that holds videos."""
        found = self.channel if entry.source == ADDRESS else None
        for place, one in enumerate(sources_of(entry, found, {CATALOGUE: tuple(self.catalogue)})):
            if one.kind in ("videos", "pins", "playlist"):
                yield place, one.kind, one.source

    def of(self, entry: Entry, kind: str, source: str) -> list[str]:
        if kind == "pins":
            return list(dict.fromkeys(entry.pins))
        return list(dict.fromkeys(entry.videos)) if kind == "videos" else self.members.get(source, [])

    def listed(self, entry: Entry) -> set[str]:
        return {video for _, kind, source in self.sources(entry) for video in self.of(entry, kind, source)}

    # What filters say

    def verdicts(self, entry: Entry, now: int) -> dict[str, Verdict]:
        """Of each video that its sources hold, pins apart; nothing where no filter is asked."""
        if not entry.filters or entry.suspend:
            return {}
        members = [self.facts.get(video, Facts(video)) for video in self.newest_first(entry)]
        return dict(judge_all(entry, members, now))

    def newest_first(self, entry: Entry) -> list[str]:
        """By date; where none is known, as old as the next older one of its list whose date is."""
        ages: dict[str, tuple[int, int, int, str]] = {}
        for place, kind, source in self.sources(entry):
            if kind == "pins":
                continue
            held = [
                video
                for video in self.of(entry, kind, source)
                if video not in entry.pins and video not in ages
            ]
            latest = -UNKNOWN_DATE
            oldest_first = held[::-1] if is_newest_first(source) else held
            for age, video in enumerate(oldest_first):
                known = self.facts.get(video, Facts(video)).published_from
                latest = max(latest, latest if known is None else known)
                ages[video] = (-(latest if known is None else known), place, -age, video)
        return sorted(ages, key=lambda video: ages[video])

    # Who wants a video

    def claims(self, video: str, now: int) -> list[Claim]:
        """Everybody in whose sources it is, the first one first."""
        found = [
            Claim(None, "manual", wish, REQUEST_PRIORITY, True, 0, place=list(self.requests).index(video))
            for wish in self.requests.get(video, ())
        ]
        for entry_place, entry in enumerate(self.entries, 1):
            verdict = self.outcome(entry, video, now)
            for source_place, kind, source in self.sources(entry):
                held = self.of(entry, kind, source)
                if video in held:
                    found.append(
                        Claim(
                            entry,
                            entry.name,
                            entry.wish,
                            entry.priority,
                            kind != "playlist",
                            entry_place,
                            source_place,
                            source,
                            held.index(video),
                            verdict,
                        )
                    )
        return sorted(found, key=lambda claim: claim.order)

    def outcome(self, entry: Entry, video: str, now: int) -> str:
        if entry.suspend:
            return "excluded"
        if video in entry.pins:
            return "wanted"
        verdict = self.verdicts(entry, now).get(video)
        return verdict.outcome if verdict else "wanted"

    def active(self, video: str, now: int) -> tuple[list[Claim], bool]:
        """Those that its row tells of: who wants it, or else whose filter waits; whether it is undecided."""
        claims = self.claims(video, now)
        wanting = [claim for claim in claims if claim.verdict == "wanted"]
        return wanting or [claim for claim in claims if claim.verdict == "undecided"], not wanting

    def target(self, video: str, claims: list[Claim]) -> Target:
        united = unite(claim.wish for claim in claims)
        return lowered(united) if video in self.lowered else united

    def row(self, video: str, now: int, *, later: int) -> Row | None:
        claims, undecided = self.active(video, now)
        if not claims:
            return None
        disk = self.disk.get(video)
        code = "TIMEOUT" if self.attempts.get(video) else None
        until = self.ignored.get(video, 0)
        return Row(
            video=video,
            target=target_digest(self.target(video, claims)),
            got=disk.got if disk else None,
            condition=disk.condition if disk else "none",  # type: ignore[arg-type]
            running=video in self.running,
            attempts=self.attempts.get(video, 0),
            code=code,
            kind="transient" if code else None,
            next_due_at=later if code else None,
            late=disk.late if disk else (),
            late_due_at=disk.late_due_at if disk else None,
            acknowledged=until is None or until > now,
            priority=claims[0].priority,
            entries=tuple(dict.fromkeys(claim.name for claim in claims)),
            undecided=undecided,
            looks=1 if code else 0,
        )

    def unsettled(self, row: Row, now: int) -> bool:
        due = row.late_due_at is not None and row.late_due_at <= now
        return row.undecided or row.got != row.target or row.condition != "whole" or row.running or due

    def order(self, row: Row, now: int) -> tuple[object, ...]:
        claims, _ = self.active(row.video, now)
        lead = claims[0]
        no_single = all(not claim.single for claim in claims)
        head = (-lead.priority, no_single, lead.entry_place)
        if lead.single or lead.entry is None or lead.entry.order == "listed":
            return (*head, 0, lead.source_place, lead.place)
        newest = lead.entry.order == "newest"
        known = self.facts.get(row.video, Facts(row.video)).published_from
        date = UNKNOWN_DATE if known is None else known
        up = newest != is_newest_first(lead.source)
        return (*head, -date if newest else date, lead.source_place, -lead.place if up else lead.place)

    # The books

    def left_out(self, videos: tuple[str, ...], now: int) -> dict[str, LeftOut]:
        """By entry; under "" the videos that nobody wants."""
        told: dict[str, LeftOut] = {}
        for entry in self.entries:
            outcomes = [self.outcome(entry, video, now) for video in self.listed(entry)]
            told[entry.name] = LeftOut(outcomes.count("excluded"), outcomes.count("undecided"))
        excluded = undecided = 0
        for video in videos:
            outcomes = [claim.verdict for claim in self.claims(video, now)]
            if outcomes and "wanted" not in outcomes:
                undecided += "undecided" in outcomes
                excluded += "undecided" not in outcomes
        return {"": LeftOut(excluded, undecided)} | told
