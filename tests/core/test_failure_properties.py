"""What must hold for whatever an attempt saw."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ytarchive.core import codec
from ytarchive.core.failure import Evidence, HttpExchange, Stage, classify, settles_by_time, verdict
from ytarchive.core.failure_table import CODES, policy

# The machine may be busy: a slow example is no failure.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

STAGES: tuple[Stage, ...] = (
    "list",
    "extract",
    "select",
    "download",
    "merge",
    "verify",
    "captions",
    "commit",
    "worker",
    "feed",
    "api",
)
LASTING = (
    "This video is private",
    "Video unavailable. This video has been removed by the uploader",
    "Video unavailable",
    "This account has been terminated",
    "no longer available due to a copyright claim by SME",
    "This video has been removed for violating YouTube's policy on spam",
    "This live stream recording is not available.",
    "The playlist does not exist.",
    "HTTP Error 404: Not Found",
    "This video is DRM protected",
)
PASSING_TEXTS = (
    "Sign in to confirm you’re not a bot",
    "This content isn't available, try again later",
    "YouTube is requiring a captcha challenge before playback",
    "The page needs to be reloaded.",
    "All player responses are invalid",
    "HTTP Error 429: Too Many Requests",
    "HTTP Error 503: Service Unavailable",
    "The read operation timed out",
    "Temporary failure in name resolution",
    "Connection reset by peer",
)
PURPOSES = ("watch", "player", "browse", "media", "caption", "thumbnail", "feed", "api", "other")
ASKING = ("watch", "player", "browse")

texts = st.one_of(st.sampled_from((*LASTING, *PASSING_TEXTS, "Something else", "")), st.text(max_size=40))
statuses = st.sampled_from(("OK", "ERROR", "UNPLAYABLE", "LOGIN_REQUIRED", "LIVE_STREAM_OFFLINE", "FOO"))
clients = st.tuples(st.sampled_from(("web", "tv", "visionos")), statuses, texts)
exchanges = st.builds(
    HttpExchange,
    st.sampled_from(PURPOSES),
    st.just("www.youtube.com"),
    st.sampled_from((0, 200, 206, 304, 400, 403, 404, 416, 429, 500, 503)),
    error=st.none() | texts,
)
attempts = st.builds(
    Evidence,
    st.sampled_from(STAGES),
    texts,
    cause=st.sampled_from(
        (None, "TimeoutError", "HTTPError", "GeoRestrictedError", "KeyError", "FFmpegPostProcessorError")
    ),
    error_number=st.none() | st.integers(-5, 130),
    status=st.sampled_from((None, 200, 403, 404, 429, 503)),
    playability=st.lists(clients, max_size=4).map(tuple),
    http=st.lists(exchanges, max_size=6).map(tuple),
    offered=st.integers(0, 3),
    real_formats=st.integers(0, 2),
    drm_formats=st.integers(0, 3),
    live_status=st.sampled_from((None, "is_live", "is_upcoming", "post_live", "was_live", "not_live")),
    availability=st.sampled_from((None, "public", "private", "subscriber_only", "needs_auth")),
    release_at=st.none() | st.integers(0, 2**33),
    warnings=st.lists(texts, max_size=4).map(tuple),
)
verdicts_that_last = st.builds(
    Evidence,
    st.sampled_from(STAGES),
    st.sampled_from(LASTING),
    playability=st.lists(
        st.tuples(st.just("web"), st.just("ERROR"), st.sampled_from(LASTING)), max_size=3
    ).map(tuple),
    http=st.lists(exchanges, max_size=3).map(tuple),
    offered=st.integers(0, 2),
    drm_formats=st.integers(0, 2),
    warnings=st.lists(st.sampled_from(LASTING), max_size=2).map(tuple),
)


def with_more_log(evidence: Evidence, *more: HttpExchange) -> Evidence:
    return replace(evidence, http=(*evidence.http, *more))


def exchange(purpose: str, status: int, error: str | None = None) -> HttpExchange:
    return codec.adapter(HttpExchange).validate_python(
        {"purpose": purpose, "host": "www.youtube.com", "status": status, "error": error}
    )


@st.composite
def troubled(draw: st.DrawFn) -> Evidence:
    """A verdict that lasts, told in an attempt in which something passing went wrong as well."""
    evidence = draw(verdicts_that_last)
    match draw(
        st.sampled_from(("throttled", "refused", "failed", "silent", "client", "cause", "status", "text"))
    ):
        case "throttled":
            more = exchange(draw(st.sampled_from(PURPOSES)), 429)
            return replace(evidence, http=(more, *evidence.http))
        case "refused":
            more = exchange(draw(st.sampled_from(ASKING)), 403)
            return replace(evidence, http=(more, *evidence.http))
        case "failed":
            return with_more_log(evidence, exchange(draw(st.sampled_from(ASKING)), 503))
        case "silent":
            return with_more_log(evidence, exchange(draw(st.sampled_from(ASKING)), 0, "TimeoutError"))
        case "client":
            said = ("tv", "LOGIN_REQUIRED", draw(st.sampled_from(PASSING_TEXTS)))
            return replace(evidence, playability=(*evidence.playability, said))
        case "cause":
            causes = ("TimeoutError", "gaierror", "ConnectionResetError", "ConnectionRefusedError")
            return replace(evidence, cause=draw(st.sampled_from(causes)))
        case "status":
            return replace(evidence, status=draw(st.sampled_from((403, 429, 500, 503))))
        case _:
            return replace(evidence, warnings=(*evidence.warnings, draw(st.sampled_from(PASSING_TEXTS))))


@patient
@given(troubled())
def test_trouble_that_passes_never_becomes_a_verdict_that_lasts(evidence: Evidence) -> None:
    assert classify(evidence).kind != "permanent"


def speaks_of_trouble(evidence: Evidence) -> bool:
    """Whether anything that was seen, in whichever place, is known to pass: an oracle that shares no code."""
    texts = [evidence.message, *evidence.warnings, *(reason for _, _, reason in evidence.playability)]
    if any(trouble in text for text in texts for trouble in PASSING_TEXTS):
        return True
    if evidence.cause == "TimeoutError" or evidence.status in (429, 503):
        return True
    asked = [(x.purpose, x.status) for x in evidence.http]
    if any(status == 429 for _, status in asked):
        return True
    for place, (purpose, status) in enumerate(asked):
        mended = any(each == (purpose, later) for each in asked[place:] for later in (200, 206, 304))
        if purpose in ASKING and (status == 403 or (status in (500, 503) and not mended)):
            return True
    return False


@patient
@given(attempts.filter(speaks_of_trouble))
def test_nothing_that_passes_is_outvoted_wherever_it_is_seen(evidence: Evidence) -> None:
    assume(evidence.stage != "api")  # whose limits are of a key, and which names what is missing
    assert classify(evidence).kind != "permanent"


@patient
@given(attempts.filter(speaks_of_trouble), st.sampled_from(LASTING), st.sampled_from(STAGES[:3]))
def test_a_verdict_that_lasts_does_not_drown_trouble_that_passes(
    evidence: Evidence, verdict_: str, stage: Stage
) -> None:
    told = (("web", "ERROR", verdict_), ("tv", "ERROR", verdict_))
    drowned = replace(
        evidence,
        stage=stage,
        message=evidence.message or verdict_,
        playability=(*told, *evidence.playability),
        real_formats=0,
        availability="private",
    )

    assert classify(drowned).kind != "permanent"


@patient
@given(attempts)
def test_whatever_was_seen_gets_a_code_with_its_kind(evidence: Evidence) -> None:
    failure = classify(evidence)

    assert failure.code in CODES
    assert failure.kind == policy(failure.code).kind
    assert (failure.until is None) == (failure.code != "UPCOMING" or evidence.release_at is None)


@patient
@given(attempts)
def test_one_client_that_plays_is_never_outvoted(evidence: Evidence) -> None:
    told = (("web", "ERROR", "This video is private"), ("visionos", "ERROR", "Video unavailable"))
    playing = replace(
        evidence, real_formats=3, message="", warnings=(), playability=(*told, ("tv", "OK", ""))
    )

    assert classify(replace(playing, stage="select", status=None)).kind != "permanent"


@patient
@given(attempts, st.randoms(use_true_random=False))
def test_the_order_of_clients_and_warnings_makes_no_difference(evidence: Evidence, chance: object) -> None:
    shuffled = replace(evidence, playability=evidence.playability[::-1], warnings=evidence.warnings[::-1])

    assert classify(shuffled).code == classify(evidence).code


@patient
@given(attempts, st.text(min_size=400, max_size=3000))
def test_evidence_is_kept_short(evidence: Evidence, flood: str) -> None:
    seen = replace(
        evidence,
        message=flood,
        warnings=(flood,) * 50,
        playability=(("web", "ERROR", flood),) * 50,
        http=tuple(exchange("player", 503, f"{number} {flood}") for number in range(50)),
    )

    assert len(codec.encode(classify(seen))) < 32_000
    assert len(classify(seen).evidence.message) <= 300


def test_evidence_keeps_no_credentials_and_no_addresses() -> None:
    message = (
        "\x1b[0;31mERROR:\x1b[0m [youtube] dQw4w9WgXcQ: Unable to connect to proxy http://me:s3cret@proxy:3128 for "
        "https://rr1.googlevideo.com/videoplayback/ip/192.0.2.7/key/abc?ip=192.0.2.7 and\n"
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ\u202e; please report this issue on  https://github.com/x"
    )

    kept = classify(Evidence("extract", message)).evidence.message

    assert kept == (
        "Unable to connect to proxy http://proxy:3128 for https://rr1.googlevideo.com/... and "
        "https://www.youtube.com/..."
    )


def test_a_verdict_that_is_known_already_takes_its_kind_from_the_table() -> None:
    failure = verdict("BAD_MEDIA", Evidence("verify", "short by 3 s"))

    assert (failure.code, failure.kind, failure.until) == ("BAD_MEDIA", "transient", None)


def test_a_code_from_a_newer_version_is_tried_again() -> None:
    assert verdict("FROM_THE_FUTURE", Evidence("extract")).code == "UNKNOWN"
    assert not settles_by_time("FROM_THE_FUTURE")


def test_only_waiting_for_the_video_itself_counts_as_converged() -> None:
    assert {code for code in CODES if settles_by_time(code)} == {
        "UPCOMING",
        "LIVE_NOW",
        "POST_LIVE",
        "PROCESSING",
        "NO_TAB",
    }
