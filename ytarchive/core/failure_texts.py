"""The texts of YouTube and of the engine, and the code that each one tells: data, first match wins.

Texts are matched in the form that `plain_words` gives: lower case, straight apostrophes, single spaces. They were
read in yt-dlp's extractor, downloader and post-processor sources and in reports of what YouTube answers.
"""

from __future__ import annotations

import re
from functools import lru_cache

_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼʹ′＇`´", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—", "-"))

# Specific before general: "blocked it in your country on copyright grounds" before "in your country".
_TEXTS: tuple[tuple[str, str], ...] = (
    # The address or the session is distrusted.
    ("BOT_CHECK", r"not a bot\b|helps protect our community"),
    ("CAPTCHA", r"captcha"),
    ("SESSION_LIMIT", r"content isn't available, try again later|rate-limited by youtube"),
    ("WRONG_VIDEO", r"all player responses are invalid|skipping player responses from .* instead of"),
    ("COOKIES_ROTATED", r"cookies are no longer valid|cookies have been rotated"),
    (
        "COOKIES_BAD",
        r"failed to load cookies|cookieloaderror|does not look like a netscape format cookies file|invalid netscape",
    ),
    # This machine.
    ("DISK_FULL", r"no space left on device|\[errno 28\]|disk quota exceeded|\[errno 122\]"),
    (
        "FFMPEG_MISSING",
        r"ffmpeg is not installed|ffmpeg not found|ffprobe and ffmpeg not found|ffmpeg could not be found",
    ),
    ("PERM", r"unable to create directory|permission denied|read-only file system|\[errno 13\]|\[errno 30\]"),
    ("IO_ERROR", r"input/output error|\[errno 5\]|stale file handle|transport endpoint is not connected"),
    # Captions, before the statuses that are quoted inside these texts.
    ("SUBS_POT", r"missing subtitles languages because a po token|subtitles require a po token"),
    ("SUBS_429", r"unable to download video subtitles.*(?:\b429\b|too many requests)"),
    ("SUBS_FAIL", r"unable to download video subtitles"),
    ("SUBS_ABSENT", r"required captions are not offered"),
    # Media.
    ("MEDIA_403", r"unable to download video data: http error (?:403|404|410)"),
    ("MEDIA_429", r"unable to download video data: http error 429"),
    ("MEDIA_416", r"http error 416|requested range not satisfiable|conflicting range"),
    (
        "FRAG",
        r"fragment \d+ not found|fragment not found|unable to continue.*fragment|the downloaded file is empty",
    ),
    (
        "MEDIA_CUT",
        r"unable to download video data|content too short|did not get any data blocks|bytes read, \d+ more expected|downloaded \d+ bytes, expected \d+",
    ),
    # Time.
    ("PROCESSING", r"processing this video|video is (?:still )?being processed"),
    (
        "UPCOMING",
        r"live event will begin|\bpremieres in\b|premiere will begin|premieres? (?:shortly|soon)|this live stream will begin|waiting for .{0,40}(?:premiere|live)",
    ),
    ("POST_LIVE", r"live event has ended|live stream has ended"),
    ("NO_RECORDING", r"live stream recording is not available"),
    # Texts that quote a name, or end in advice, before what those may contain.
    ("COPYRIGHT_GEO", r"in your country.{0,20}on copyright grounds"),
    ("COPYRIGHT", r"copyright claim|on copyright grounds|copyright infringement|copyright holder"),
    (
        "TERMINATED",
        r"account associated with this video has been|account has been terminated|uploader has closed their|channel was removed because|channel has been terminated",
    ),
    (
        "POLICY",
        r"removed for violating|violat(?:es|ed|ing|ion of) (?:youtube's|our) |removed because it violat",
    ),
    # A person is needed.
    (
        "MEMBERS",
        r"join this channel to get access to members-only|members-only content|available to this channel's members",
    ),
    ("PREMIUM", r"(?:only available|available only) (?:to|for) .{0,20}premium members|music premium members"),
    (
        "PAID",
        r"requires payment|purchase(?:d)? (?:this|the) (?:video|movie)|rent or buy|must be (?:purchased|rented)",
    ),
    (
        "AGE",
        r"confirm your age|age-restricted|age-verification|inappropriate for some users|inappropriate or offensive to some",
    ),
    (
        "RESTRICTED",
        r"google workspace administrator|network administrator restrictions|restricted mode|video is restricted",
    ),
    ("LIST_PRIVATE", r"playlist is private|private playlist"),
    ("PRIVATE", r"private video|video is private|if you've been granted access"),
    (
        "GEO",
        r"(?:available|blocked it|blocked) in your (?:country|region|location)|due to geo restriction|georestricted",
    ),
    # Gone.
    (
        "REMOVED",
        r"removed by the (?:uploader|user)|video isn't available anymore|video has been removed|video does not exist|deleted video|no longer available because the uploader",
    ),
    # Lists.
    ("WRONG_LIST", r"answer tells of another (?:list|channel)"),
    ("LIST_MISSING", r"playlist does not exist|channel/playlist does not exist|does the playlist exist"),
    ("LIST_UNVIEWABLE", r"playlist type is unviewable"),
    ("CHANNEL_404", r"channel does not exist|channel is not available|channel isn't available"),
    ("NO_TAB", r"does not have an? .{1,40} tab\b|channel has no (?:videos|content|streams|shorts)"),
    ("TRUNCATED", r"incomplete data received|incomplete yt initial data"),
    # The engine, and what YouTube does to engines.
    ("DRM", r"drm.protected"),
    ("NO_RUNTIME", r"no supported javascript runtime|no usable javascript runtime"),
    (
        "JS_FAIL",
        r"n challenge solving failed|signature solving failed|challenge solv\w+ failed|signature extraction failed",
    ),
    ("POT_SKIPPED", r"require a gvs po token|require a po token|po token which was not provided"),
    ("SABR_ONLY", r"missing a url|sabr"),
    (
        "RELOAD",
        r"page needs to be reloaded|an error occurred\. please try again|something went wrong|unknown error|please try again later|playback error",
    ),
    (
        "BROKEN",
        r"extractor error has occurred|failed to extract any player response|please report this issue|unable to (?:extract|recognize tab)|failed to parse json|not available on this app|no longer supported in this application|precondition check failed|invalid argument\b.*api",
    ),
    # The network.
    (
        "TLS",
        r"certificate.verify.failed|certificateverifyerror|sslcertverificationerror|self-signed certificate|certificate has expired",
    ),
    (
        "PROXY",
        r"proxyerror|unable to connect to proxy|tunnel connection failed|socks.{0,20}(?:failed|error|refused)",
    ),
    ("HTTP_429", r"http error (?:429|402)|too many requests"),
    ("HTTP_403_API", r"http error 403"),
    ("HTTP_5XX", r"http error 5\d\d|internal server error|bad gateway|service unavailable|gateway time-?out"),
    ("CHANNEL_404", r"http error 404"),
    (
        "DNS",
        r"name resolution|name or service not known|nodename nor servname|no address associated|getaddrinfo|gaierror|nameresolutionerror|failed to resolve",
    ),
    (
        "REFUSED",
        r"connection refused|connectionrefusederror|\[errno 111\]|newconnectionerror|network is unreachable|no route to host|new connection: \[errno (?:1|13|101|113)\]",
    ),
    ("TIMEOUT", r"timed out|time-?out\b|connecttimeout|readtimeout|timeouterror"),
    (
        "RESET",
        r"connection (?:was )?(?:reset|aborted|broken)|connectionreset|remote end closed|remotedisconnected|incompleteread|unexpected.eof|eof occurred|broken pipe|connection closed|ssl.{0,3}error|sslerror|server disconnected",
    ),
    ("MEDIA_CUT", r"giving up after \d+ retries"),
    (
        "MERGE_FAIL",
        r"conversion failed|ffmpegpostprocessorerror|postprocessing:|error (?:opening|writing) (?:output|trailer)|invalid data found when processing",
    ),
    # Vague: what YouTube says of the gone, and sometimes of the throttled.
    (
        "UNAVAILABLE",
        r"video unavailable|video is (?:unavailable|not available)|video isn't available|content is(?:n't| not) available",
    ),
    (
        "SIGN_IN",
        r"please sign in|sign in to|only available for registered users|login details are needed|log in\b",
    ),
    ("NO_FORMATS", r"no video formats found|requested format is not available|only images are available"),
)
ROWS: tuple[tuple[str, re.Pattern[str]], ...] = tuple((code, re.compile(text)) for code, text in _TEXTS)
TEXT_CODES = frozenset(code for code, _ in _TEXTS)

# Class names of exceptions, of yt-dlp, urllib3, requests and the standard library.
CAUSES: dict[str, str] = {
    "gaierror": "DNS",
    "NameResolutionError": "DNS",
    "timeout": "TIMEOUT",
    "TimeoutError": "TIMEOUT",
    "ConnectTimeout": "TIMEOUT",
    "ConnectTimeoutError": "TIMEOUT",
    "ReadTimeout": "TIMEOUT",
    "ReadTimeoutError": "TIMEOUT",
    "ConnectionRefusedError": "REFUSED",
    "ConnectionResetError": "RESET",
    "ConnectionAbortedError": "RESET",
    "BrokenPipeError": "RESET",
    "RemoteDisconnected": "RESET",
    "ProtocolError": "RESET",
    "IncompleteRead": "RESET",
    "SSLEOFError": "RESET",
    "SSLZeroReturnError": "RESET",
    "SSLError": "RESET",
    "SSLSyscallError": "RESET",
    "SSLWantReadError": "RESET",
    "BadStatusLine": "RESET",
    "ChunkedEncodingError": "RESET",
    "CertificateVerifyError": "TLS",
    "SSLCertVerificationError": "TLS",
    "ProxyError": "PROXY",
    "ProxySchemeUnknown": "PROXY",
    "CookieLoadError": "COOKIES_BAD",
    "GeoRestrictedError": "GEO",
    "RegexNotFoundError": "BROKEN",
    "JSONDecodeError": "BROKEN",
    "ContentTooShortError": "MEDIA_CUT",
    "DownloadCancelled": "CANCELLED",
    "FFmpegPostProcessorError": "MERGE_FAIL",
    "Cancelled": "CANCELLED",
    "Deadline": "DEADLINE",
    "WorkerDied": "WORKER_DIED",
    "NotAFeed": "FEED_BAD",
    "NotWhole": "BAD_MEDIA",
    "WrongVideo": "WRONG_VIDEO",
}
# These classes say that there was no connection, and their errno or text why.
NO_CONNECTION = frozenset(
    {"TransportError", "ConnectionError", "NewConnectionError", "MaxRetryError", "URLError"}
)


def plain_words(text: str) -> str:
    """The form in which texts are matched: a curly apostrophe, a capital or a line break makes no difference."""
    return " ".join(text.translate(_APOSTROPHES).translate(_DASHES).lower().split())


def code_of_text(text: str) -> str | None:
    """The code of the first known text within the first 2,000 characters of `text`, or None."""
    return _code_of(text[:_READ_AT_MOST])


_READ_AT_MOST = 2_000


@lru_cache(maxsize=4096)
def _code_of(text: str) -> str | None:
    words = plain_words(text)
    return next((code for code, pattern in ROWS if pattern.search(words)), None)
