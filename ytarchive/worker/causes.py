"""The chain of exceptions behind one that was caught, and the one class name that tells what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_DEEPEST = 30

# These say more than the exception that they wrap: cookies that cannot be read are no matter of a missing file.
_TELLING = frozenset(
    {
        "Cancelled",
        "CertificateVerifyError",
        "CookieLoadError",
        "Deadline",
        "FFmpegPostProcessorError",
        "GeoRestrictedError",
        "IncompleteRead",
        "NotWhole",
        "ProxyError",
        "RegexNotFoundError",
    }
)
# Through a proxy, requests calls every broken connection a `ProxyError`, also one that the far side broke.
_AFTER_CONNECTING = frozenset(
    {"ConnectionResetError", "RemoteDisconnected", "BrokenPipeError", "ReadTimeoutError", "SSLEOFError"}
)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps, outermost first, each once."""
    waiting: list[BaseException] = [error]
    met: set[int] = set()
    while waiting and len(met) < _DEEPEST:
        each = waiting.pop(0)
        if id(each) not in met:
            met.add(id(each))
            yield each
            waiting.extend(_wrapped(each))


def cause_of(error: BaseException) -> str:
    """The class name that tells most: of a known kind, else of the innermost exception that is not a wrapper."""
    chain = tuple(chain_of(error))
    names = [type(each).__name__ for each in chain]
    broken = next((name for name in names if name in _AFTER_CONNECTING), None)
    telling = next((name for name in names if name in _TELLING), None)
    if telling is not None:
        return broken if broken and telling == "ProxyError" else telling
    inner = [type(each).__name__ for each in chain if not type(each).__module__.startswith("yt_dlp")]
    return (inner or names)[-1]


def _wrapped(error: BaseException) -> Iterator[BaseException]:
    """By `raise from`, by yt-dlp's own attributes, and by being an argument, as urllib3 and requests do."""
    exc_info = getattr(error, "exc_info", None)
    candidates: Sequence[object] = (
        exc_info[1] if isinstance(exc_info, tuple) and len(exc_info) > 1 else None,
        getattr(error, "cause", None),
        getattr(error, "reason", None),
        error.__cause__,
        error.__context__,
        *error.args,
    )
    yield from (each for each in candidates if isinstance(each, BaseException))
