"""Every way an attempt can fail, as data: one row per code, with its policy and what a person can do.

The texts by which a code is recognised are in `failure_texts`; how evidence becomes a code is in `failure`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ytarchive.core.instant import DAY, HOUR, MINUTE

Kind = Literal["permanent", "transient", "user", "engine", "wait"]
Charge = Literal["video", "egress", "host", "identity"]
Pause = Literal["outage", "writes"]


@dataclass(frozen=True, slots=True)
class Steps:
    """Wait `seconds[n - 1]` after the n-th attempt; the last one repeats."""

    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Exponential:
    """Wait at most `first_seconds`, doubling up to `cap_seconds`, with full jitter."""

    first_seconds: int
    cap_seconds: int


_BLANK = re.compile(r"\{(?:video|place|named)\}")


@dataclass(frozen=True, slots=True)
class Cure:
    """One thing a person can do. `command` is run as it stands, `edit` goes into a manifest or the settings.

    `{video}` (or the playlist's id) stands for the item's own. An edit begins with where: `{place}` is an entry that
    wants it, `{named}` where a manifest names the very video, `settings, [section]` the settings.
    """

    what: str
    command: str | None = None
    edit: str | None = None

    def filled(self, whom: str, where: str = "", video: str = "") -> Cure:
        """`whom` goes into the command, `where` and `video` into the edit."""
        command = self.command and self.command.replace("{video}", whom)
        edit = self.edit and _BLANK.sub(lambda blank: video if blank[0] == "{video}" else where, self.edit)
        return Cure(self.what, command, edit)


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a code.

    `backoff` is when to try again; for what is charged to the egress it is how long its breaker stays open.
    `known_time`: the evidence may say until when to wait. `confirmations`: a soft verdict, final only after
    so many attempts agree, on different days. `converged`: waiting is all there is to do, so it does not
    count as missing media. `pauses`: "outage" stops all requests once a few videos in a row agree, "writes"
    stops all downloads at once. `engine_when_common`: on three or more videos in 30 minutes the engine is broken,
    not the videos. `waits`: so many attempts in a row wait for time alone; what fails as often again needs a person.
    `discards_parts`: what was downloaded so far cannot be trusted, or its room is needed.
    """

    code: str
    kind: Kind
    meaning: str
    backoff: Steps | Exponential
    cures: tuple[Cure, ...] = ()
    charged_to: Charge = "video"
    pauses: Pause | None = None
    confirmations: int = 1
    known_time: bool = False
    converged: bool = False
    engine_when_common: bool = False
    discards_parts: bool = False
    waits: int | None = None

    @property
    def soft(self) -> bool:
        return self.confirmations > 1

    @property
    def breaker_seconds(self) -> int:
        """How long the first trouble of this code keeps an egress closed; 0 when the egress is not to blame."""
        if self.charged_to != "egress" or isinstance(self.backoff, Exponential):
            return 0
        return self.backoff.seconds[0]


RETRY = Cure("Try again now", command="ytarchive workplan retry {video}")
IGNORE = Cure("Accept that it cannot be had", command="ytarchive workplan ignore {video}")
LOST = Cure("Give it up as lost, which is counted apart", command="ytarchive workplan lost {video}")
DROP = Cure("Stop wanting it", edit="{named}: remove {video}")
DROP_ENTRY = Cure("Stop following it", edit="{place}: remove the entry")
DOCTOR = Cure("Let the machine be checked", command="ytarchive doctor")
SIGN_IN = (
    Cure(
        "Sign in as somebody who may see it: docs/signing-in.md tells how to get the cookies, and of the dangers",
        edit='settings, [auth.main]: cookies_file = "FILE"',
    ),
    Cure(
        "Then name that account where it is wanted, and let it go on",
        edit="{place}: auth: main",
        command="ytarchive reconcile --once",
    ),
)
NEW_COOKIES = Cure(
    "Export the cookies again, into the same file (docs/signing-in.md); then everything that waits for them goes on",
    command="ytarchive reconcile --once",
)
_PROXY = 'settings, [network]: proxy = "http://HOST:PORT"'
OTHER_COUNTRY = Cure(
    "Fetch it through a proxy in a country where it is shown, then try again",
    edit=_PROXY,
    command="ytarchive workplan retry {video}",
)
OTHER_ADDRESS = Cure("Use another address", edit=_PROXY)
SLOW_DOWN = Cure(
    "Wait: requests stop, and go on by themselves. If it recurs, ask less often",
    edit="settings, [limits]: videos_per_hour = 100",
)
ENGINE = Cure(
    "Take the newest yt-dlp; what waits for it is tried again by itself", command="ytarchive engine upgrade"
)
LATER = Cure("Nothing needs to be done: it is tried again by itself. To try at once", command=RETRY.command)
WAIT = Cure("Nothing needs to be done: it is looked at again by itself")

_NETWORK = Exponential(MINUTE, 30 * MINUTE)
_MONTHLY = Steps((30 * DAY,))
_TWICE = Steps((DAY, 30 * DAY))
_SOFT = Steps((DAY, 7 * DAY, 30 * DAY))

_UPSTREAM = (
    Rule(
        "PRIVATE",
        "permanent",
        "The uploader made the video private.",
        _SOFT,
        (IGNORE, LOST, DROP),
        confirmations=3,
    ),
    Rule(
        "REMOVED",
        "permanent",
        "The uploader removed the video.",
        _TWICE,
        (IGNORE, LOST, DROP),
        confirmations=2,
    ),
    Rule(
        "UNAVAILABLE",
        "permanent",
        "YouTube says that the video is unavailable and not why; most such videos are gone.",
        _SOFT,
        (IGNORE, LOST, DROP, RETRY),
        confirmations=3,
    ),
    Rule(
        "TERMINATED",
        "permanent",
        "The uploader's account was closed or terminated.",
        _TWICE,
        (IGNORE, LOST, DROP),
        confirmations=2,
    ),
    Rule(
        "COPYRIGHT",
        "permanent",
        "Taken down because of a copyright claim.",
        _TWICE,
        (IGNORE, LOST, DROP),
        confirmations=2,
    ),
    Rule(
        "POLICY",
        "permanent",
        "YouTube removed the video for violating its rules.",
        _TWICE,
        (IGNORE, LOST, DROP),
        confirmations=2,
    ),
    Rule(
        "NO_RECORDING",
        "permanent",
        "The live stream ended and YouTube has no recording of it.",
        Steps((DAY, DAY, DAY, 30 * DAY)),
        (IGNORE, LOST, DROP),
        confirmations=4,
    ),
    Rule(
        "DRM",
        "permanent",
        "All formats are protected by DRM, which is not circumvented.",
        Steps((DAY, 3 * DAY, 3 * DAY, 30 * DAY)),
        (IGNORE, DROP),
        confirmations=4,
        engine_when_common=True,
    ),
)

_PERSON = (
    Rule(
        "COPYRIGHT_GEO",
        "user",
        "A rights holder blocked the video in the country of this address.",
        _MONTHLY,
        (OTHER_COUNTRY, IGNORE),
    ),
    Rule(
        "GEO",
        "user",
        "The video is not available in the country of this address.",
        _MONTHLY,
        (OTHER_COUNTRY, IGNORE),
    ),
    Rule(
        "AGE", "user", "YouTube wants a signed-in adult for this video.", _MONTHLY, (*SIGN_IN, IGNORE, DROP)
    ),
    Rule("MEMBERS", "user", "Only members of the channel may watch it.", _MONTHLY, (*SIGN_IN, IGNORE, DROP)),
    Rule(
        "PREMIUM",
        "user",
        "Only YouTube (Music) Premium members may watch it.",
        _MONTHLY,
        (*SIGN_IN, IGNORE, DROP),
    ),
    Rule("PAID", "user", "The video must be bought or rented.", _MONTHLY, (*SIGN_IN, IGNORE, DROP)),
    Rule(
        "SIGN_IN",
        "user",
        "YouTube wants a signed-in account and does not say why.",
        _SOFT,
        (*SIGN_IN, RETRY, IGNORE, DROP),
    ),
    Rule(
        "RESTRICTED",
        "user",
        "The administrator of this network or account restricts the video.",
        _MONTHLY,
        (
            Cure("Use a network or account without Restricted Mode, then try again", command=RETRY.command),
            IGNORE,
        ),
    ),
    Rule(
        "COOKIES_ROTATED",
        "user",
        "YouTube no longer accepts the cookies of the account.",
        Steps((6 * HOUR, DAY)),
        (NEW_COOKIES, IGNORE),
        charged_to="identity",
    ),
    Rule(
        "COOKIES_BAD",
        "user",
        "The cookies file cannot be read as cookies.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (NEW_COOKIES, IGNORE),
        charged_to="identity",
    ),
)

_TIME = (
    Rule(
        "UPCOMING",
        "wait",
        "A premiere or live stream that has not begun.",
        Steps((HOUR,)),
        (WAIT,),
        known_time=True,
        converged=True,
    ),
    Rule(
        "LIVE_NOW",
        "wait",
        "Live at this moment; it is fetched when it ends.",
        Steps((30 * MINUTE,)),
        (WAIT,),
        converged=True,
    ),
    Rule(
        "POST_LIVE",
        "wait",
        "The live stream just ended; YouTube is still making the recording.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (WAIT,),
        converged=True,
    ),
    Rule(
        "PROCESSING",
        "wait",
        "YouTube is still processing the upload.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (WAIT,),
        converged=True,
    ),
    Rule(
        "POLICY_MISS",
        "wait",
        "The video has formats, but none that the entry accepts.",
        Steps((HOUR, 6 * HOUR, DAY, 3 * DAY, 14 * DAY, 30 * DAY)),
        (
            Cure("See what is offered and what is wanted", command="ytarchive explain {video}"),
            Cure("Take whatever quality there is", command="ytarchive workplan accept-lower {video}"),
            Cure(
                "Take less for all that the entry wants",
                edit="{place}: quality: {min: 144p, fallback: [any], codecs_only: false, hdr: allow}",
            ),
            IGNORE,
        ),
        waits=5,
    ),
)

_EGRESS = (
    Rule(
        "BOT_CHECK",
        "user",
        "YouTube takes this address for a bot and wants a sign-in.",
        Steps((6 * HOUR, DAY, 3 * DAY)),
        (SLOW_DOWN, OTHER_ADDRESS),
        charged_to="egress",
    ),
    Rule(
        "CAPTCHA",
        "user",
        "YouTube wants a captcha solved from this address.",
        Steps((6 * HOUR, DAY, 3 * DAY)),
        (SLOW_DOWN, OTHER_ADDRESS),
        charged_to="egress",
    ),
    Rule(
        "SESSION_LIMIT",
        "transient",
        "YouTube limits this address for up to an hour.",
        Steps((65 * MINUTE,)),
        (SLOW_DOWN,),
        charged_to="egress",
    ),
    Rule(
        "WRONG_VIDEO",
        "transient",
        "YouTube answered with another video, as it does to addresses that it distrusts.",
        Steps((6 * HOUR,)),
        (SLOW_DOWN,),
        charged_to="egress",
    ),
    Rule(
        "HTTP_429",
        "transient",
        "YouTube answers that this address asks too often (HTTP 429).",
        Steps(tuple(MINUTE * minutes for minutes in (15, 30, 60, 120, 240, 360))),
        (SLOW_DOWN,),
        charged_to="egress",
    ),
    Rule(
        "HTTP_403_API",
        "transient",
        "YouTube refuses to answer about videos (HTTP 403).",
        Steps((HOUR,)),
        (SLOW_DOWN, ENGINE),
        charged_to="egress",
        engine_when_common=True,
    ),
    Rule(
        "MEDIA_429",
        "transient",
        "YouTube's media servers answer that this address asks too often (HTTP 429).",
        Steps((30 * MINUTE,)),
        (SLOW_DOWN,),
        charged_to="egress",
    ),
)

_NETWORKS = (
    Rule(
        "DNS",
        "transient",
        "A name of YouTube's could not be resolved.",
        _NETWORK,
        (LATER, DOCTOR),
        pauses="outage",
    ),
    Rule("TIMEOUT", "transient", "No answer in time.", _NETWORK, (LATER, DOCTOR), pauses="outage"),
    Rule(
        "REFUSED",
        "transient",
        "Nothing answers at the other end: refused, or no route to it.",
        _NETWORK,
        (LATER, DOCTOR),
        pauses="outage",
    ),
    Rule(
        "RESET",
        "transient",
        "The connection broke before an answer was complete.",
        _NETWORK,
        (LATER, DOCTOR),
        pauses="outage",
    ),
    Rule(
        "TLS",
        "user",
        "The certificate of the other side is not trusted: clock, CA file or a proxy that decrypts.",
        Steps((10 * MINUTE, HOUR)),
        (DOCTOR, Cure("Trust the proxy's certificate", edit='settings, [network]: ca_file = "FILE"')),
        charged_to="host",
        pauses="outage",
    ),
    Rule(
        "PROXY",
        "transient",
        "The proxy cannot be used.",
        _NETWORK,
        (Cure("Check the proxy's address and login", edit=_PROXY), DOCTOR),
        charged_to="host",
        pauses="outage",
    ),
    Rule("HTTP_5XX", "transient", "YouTube's servers failed (HTTP 5xx).", _NETWORK, (LATER,)),
    Rule(
        "RELOAD",
        "transient",
        "YouTube asks to reload or to try again later.",
        Exponential(10 * MINUTE, 6 * HOUR),
        (LATER, ENGINE),
        engine_when_common=True,
    ),
    Rule(
        "MEDIA_403",
        "transient",
        "The media server refused the address of the file (HTTP 403), also after asking for a fresh one.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (LATER, ENGINE),
        engine_when_common=True,
    ),
    Rule(
        "MEDIA_416",
        "transient",
        "The media server has less than was already downloaded (HTTP 416); the download starts anew.",
        Exponential(MINUTE, 6 * HOUR),
        (LATER,),
        discards_parts=True,
    ),
    Rule(
        "MEDIA_CUT",
        "transient",
        "The download broke off and is resumed.",
        Exponential(MINUTE, 6 * HOUR),
        (LATER,),
    ),
    Rule(
        "FRAG",
        "transient",
        "A fragment of the video could not be had.",
        Exponential(5 * MINUTE, DAY),
        (LATER,),
    ),
)

_ENGINE = (
    Rule(
        "NO_FORMATS",
        "engine",
        "The engine found no formats and no reason.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (ENGINE,),
        engine_when_common=True,
    ),
    Rule(
        "JS_FAIL",
        "engine",
        "The engine could not solve YouTube's JavaScript challenge.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (DOCTOR, ENGINE),
        engine_when_common=True,
    ),
    Rule(
        "NO_RUNTIME",
        "user",
        "No JavaScript runtime was found, which the engine needs.",
        Steps((HOUR,)),
        (Cure("Install deno 2.9.8 or newer for this platform", command="ytarchive doctor"),),
        charged_to="host",
    ),
    Rule(
        "SABR_ONLY",
        "engine",
        "YouTube gave formats without addresses (SABR only).",
        Steps((6 * HOUR, DAY)),
        (ENGINE,),
        engine_when_common=True,
    ),
    Rule(
        "POT_SKIPPED",
        "engine",
        "YouTube wants a proof-of-origin token for the formats.",
        Steps((6 * HOUR, DAY)),
        (ENGINE,),
        engine_when_common=True,
    ),
    Rule(
        "BROKEN",
        "transient",
        "The engine did not understand YouTube's answer.",
        Exponential(HOUR, DAY),
        (ENGINE,),
        engine_when_common=True,
    ),
)

_HOST = (
    Rule(
        "DISK_FULL",
        "transient",
        "The disk is full; nothing is written until there is space.",
        Steps((10 * MINUTE,)),
        (
            Cure(
                "Free space on the archive's disk, or move the archive to a larger one",
                command="ytarchive doctor",
            ),
        ),
        charged_to="host",
        pauses="writes",
        discards_parts=True,
    ),
    Rule(
        "PERM",
        "user",
        "A file or folder may not be written.",
        Steps((HOUR,)),
        (
            Cure(
                "Give the user that runs ytarchive write access to the archive and state folders",
                command="ytarchive doctor",
            ),
        ),
        charged_to="host",
    ),
    Rule(
        "IO_ERROR",
        "transient",
        "The disk or the network file system failed.",
        Exponential(10 * MINUTE, 6 * HOUR),
        (Cure("Check the disk and its mount", command="ytarchive doctor"),),
        charged_to="host",
    ),
    Rule(
        "FFMPEG_MISSING",
        "user",
        "ffmpeg was not found.",
        Steps((HOUR,)),
        (
            Cure(
                "Reinstall ytarchive, which brings an ffmpeg, or install ffmpeg 7.0.2 or newer",
                command="ytarchive doctor",
            ),
        ),
        charged_to="host",
    ),
    Rule(
        "MERGE_FAIL",
        "transient",
        "ffmpeg could not make one file of picture and sound; both are downloaded again.",
        Exponential(5 * MINUTE, DAY),
        (
            LATER,
            Cure("Use the container that takes every codec", edit="{place}: quality: {container: mkv}"),
        ),
        discards_parts=True,
    ),
    Rule(
        "BAD_MEDIA",
        "transient",
        "What was downloaded did not pass verification; it is downloaded again.",
        Exponential(5 * MINUTE, DAY),
        (LATER, RETRY),
        discards_parts=True,
    ),
    Rule(
        "WORKER_DIED",
        "transient",
        "The worker process ended in the middle of the job.",
        Exponential(MINUTE, 6 * HOUR),
        (LATER, DOCTOR),
    ),
    Rule(
        "DEADLINE",
        "transient",
        "The job took longer than it may.",
        Exponential(10 * MINUTE, DAY),
        (LATER, RETRY),
    ),
    Rule("CANCELLED", "transient", "The job was cancelled.", Steps((MINUTE,)), (LATER,), charged_to="host"),
)

_PARTS = (
    Rule(
        "SUBS_429",
        "transient",
        "YouTube limits caption downloads (HTTP 429).",
        Steps((HOUR, 6 * HOUR, DAY)),
        (LATER,),
    ),
    Rule(
        "SUBS_POT",
        "engine",
        "YouTube wants a proof-of-origin token for captions.",
        Steps((DAY, 7 * DAY)),
        (ENGINE,),
    ),
    Rule(
        "SUBS_FAIL",
        "transient",
        "Captions or a picture could not be downloaded.",
        Exponential(10 * MINUTE, DAY),
        (LATER,),
    ),
    Rule(
        "SUBS_ABSENT",
        "wait",
        "Captions that are required are not offered.",
        Steps((DAY, 7 * DAY, 30 * DAY)),
        (Cure("Do without them", edit="{place}: captions: {required: false}"), IGNORE),
    ),
    Rule(
        "SPONSORBLOCK",
        "transient",
        "SponsorBlock does not answer, or not as it should.",
        Steps((HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)),
        (LATER, Cure("Do without it", edit="{place}: sponsorblock: {mark: [], remove: []}")),
    ),
)

_SOURCES = (
    Rule(
        "LIST_MISSING",
        "permanent",
        "There is no such playlist.",
        Steps((DAY, 6 * DAY, 30 * DAY)),
        (Cure("Correct its id", edit="{place}: playlist: ID"), IGNORE, DROP_ENTRY),
        confirmations=3,
    ),
    Rule(
        "LIST_PRIVATE",
        "user",
        "The playlist is private.",
        Steps((DAY, 7 * DAY)),
        (
            *SIGN_IN,
            Cure("Make it unlisted or public, then try again", command=RETRY.command),
            IGNORE,
            DROP_ENTRY,
        ),
    ),
    Rule(
        "LIST_UNVIEWABLE",
        "user",
        "YouTube shows no page for playlists of this type.",
        _MONTHLY,
        (
            Cure("Name a playlist that has a page of its own", edit="{place}: playlist: ID"),
            IGNORE,
            DROP_ENTRY,
        ),
    ),
    Rule(
        "CHANNEL_404",
        "permanent",
        "There is no such channel or list (HTTP 404).",
        Steps((DAY, 6 * DAY, 30 * DAY)),
        (Cure("Correct its address", edit="{place}: channel: ID"), IGNORE, DROP_ENTRY),
        confirmations=3,
    ),
    Rule(
        "NO_TAB",
        "wait",
        "The channel has no such tab: nothing to list.",
        Steps((DAY,)),
        (WAIT,),
        converged=True,
    ),
    Rule(
        "TRUNCATED",
        "transient",
        "The listing came incomplete and was discarded.",
        Exponential(5 * MINUTE, 6 * HOUR),
        (LATER,),
    ),
    Rule(
        "WRONG_LIST",
        "transient",
        "YouTube answered with another list or channel than was asked for, and nothing of it was taken.",
        Exponential(HOUR, DAY),
        (LATER, DROP_ENTRY),
    ),
)

_READ_LIST = Cure("Nothing needs to be done: meanwhile the list itself is read")
_FEEDS = (
    Rule(
        "FEED_404",
        "transient",
        "YouTube has no feed there at the moment (HTTP 404), as it happens to lists that exist.",
        Exponential(15 * MINUTE, 6 * HOUR),
        (_READ_LIST,),
    ),
    Rule(
        "FEED_429",
        "transient",
        "YouTube answers that feeds are asked for too often (HTTP 429 or 403).",
        Exponential(HOUR, DAY),
        (_READ_LIST,),
    ),
    Rule(
        "FEED_BAD",
        "transient",
        "What came instead of a feed is none, or is the feed of another list.",
        Exponential(HOUR, DAY),
        (_READ_LIST,),
    ),
)

_READ_ELSEWHERE = Cure("Nothing needs to be done: meanwhile lists are read without the Data API")
_DATA_API = (
    Rule(
        "API_KEY",
        "user",
        "The Data API refuses the key: wrong, expired, restricted, or the API is not enabled for it.",
        Steps((HOUR, 6 * HOUR, DAY)),
        (
            Cure(
                "Put a key into the file that may use the YouTube Data API v3 from this address",
                edit='settings, [youtube]: api_key_file = "FILE"',
            ),
            _READ_ELSEWHERE,
        ),
        charged_to="host",
    ),
    Rule(
        "API_QUOTA",
        "wait",
        "Today's units of the Data API are spent; there are new ones at midnight in US Pacific time.",
        Steps((HOUR,)),
        (_READ_ELSEWHERE, Cure("Spend fewer units, or more", edit="settings, [youtube]: quota = 10000")),
        charged_to="host",
    ),
    Rule(
        "API_RATE",
        "transient",
        "The Data API answers that it is asked too much within a minute.",
        Exponential(2 * MINUTE, HOUR),
        (_READ_ELSEWHERE,),
        charged_to="host",
    ),
    Rule(
        "API_5XX",
        "transient",
        "The Data API's servers failed (HTTP 5xx).",
        _NETWORK,
        (_READ_ELSEWHERE,),
    ),
    Rule(
        "API_BAD_ANSWER",
        "transient",
        "The Data API answered something else than what it was asked for; nothing of that was used.",
        Exponential(10 * MINUTE, 6 * HOUR),
        (_READ_ELSEWHERE,),
    ),
    Rule(
        "API_UNSUPPORTED",
        "transient",
        "The Data API cannot be asked for this.",
        Steps((DAY,)),
        (_READ_ELSEWHERE,),
    ),
)

_REST = (
    Rule(
        "UNKNOWN",
        "transient",
        "Something that ytarchive does not recognise.",
        Exponential(10 * MINUTE, DAY),
        (RETRY, Cure("If it stays, report it with the message below")),
        engine_when_common=True,
    ),
)

RULES: tuple[Rule, ...] = (
    *_UPSTREAM,
    *_PERSON,
    *_TIME,
    *_EGRESS,
    *_NETWORKS,
    *_ENGINE,
    *_HOST,
    *_PARTS,
    *_SOURCES,
    *_FEEDS,
    *_DATA_API,
    *_REST,
)
_BY_CODE = {rule.code: rule for rule in RULES}
CODES = frozenset(_BY_CODE)


def policy(code: str) -> Rule:
    """The row of a code; a code from a newer version is treated as UNKNOWN."""
    return _BY_CODE.get(code, _BY_CODE["UNKNOWN"])
