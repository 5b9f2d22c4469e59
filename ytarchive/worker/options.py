"""What yt-dlp is told: one typed allow-list, so that no text of a manifest can become an option.

Options such as `exec` or `netrc_cmd` run programs; they cannot be written here, because a key that is not in
`ALLOWED` is a bug that the tests find. The API's defaults are not the command line's (no retries, errors
ignored), so every value that matters is stated.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any, TextIO

from ytarchive.core.job import Network

SOCKET_TIMEOUT_SECONDS = 20
MEDIA_RETRIES = 5
EXTRACTOR_RETRIES = 2
_LONGEST_PAUSE_SECONDS = 8.0
_RETRIED = ("http", "fragment", "extractor", "file_access")

ALLOWED = frozenset(
    {
        "buffersize",
        "cachedir",
        "color",
        "compat_opts",
        "concurrent_fragment_downloads",
        "continuedl",
        "cookiefile",
        "extract_flat",
        "extractor_args",
        "extractor_retries",
        "ffmpeg_location",
        "file_access_retries",
        "fragment_retries",
        "ignore_no_formats_error",
        "ignoreerrors",
        "js_runtimes",
        "keep_fragments",
        "live_from_start",
        "logger",
        "noplaylist",
        "nopart",
        "noprogress",
        "outtmpl",
        "overwrites",
        "progress_hooks",
        "proxy",
        "quiet",
        "ratelimit",
        "retries",
        "retry_sleep_functions",
        "skip_unavailable_fragments",
        "socket_timeout",
        "source_address",
        "updatetime",
    }
)


def engine_options(
    network: Network,
    *,
    logger: object,
    wait: Callable[[float], None],
    listing: bool = False,
    from_start: bool = False,
    cookies: TextIO | None = None,
) -> dict[str, Any]:
    """A fresh dict for one `YoutubeDL`, which changes what it is given.

    `wait` pauses for seconds, or raises. `cookies` is a copy in memory: yt-dlp writes them back where it read them.
    """

    def pause(n: int) -> float:
        wait(retry_pause_seconds(n))
        return 0.0  # yt-dlp's own sleep could not be cancelled

    options: dict[str, Any] = {
        "logger": logger,
        "quiet": True,
        "noprogress": True,
        "color": "no_color",
        "cachedir": False,
        "noplaylist": True,
        "extract_flat": True,
        "ignoreerrors": False,
        "ignore_no_formats_error": True,
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "retries": MEDIA_RETRIES,
        "fragment_retries": MEDIA_RETRIES,
        "extractor_retries": EXTRACTOR_RETRIES,
        "file_access_retries": 3,
        "retry_sleep_functions": dict.fromkeys(_RETRIED, pause),
        # A missing fragment is an error, never a hole in a file that is called whole.
        "skip_unavailable_fragments": False,
        "concurrent_fragment_downloads": 1,
        "keep_fragments": False,
        "continuedl": True,
        "nopart": False,
        "overwrites": True,
        "updatetime": False,
        "buffersize": 64 * 1024,
        "js_runtimes": {"deno": _deno()},
    }
    if listing:
        # A page without its data is an error, never the end of the listing.
        options["extractor_args"] = {"youtube": {"raise_incomplete_data": ["true"]}}
    if from_start:
        # Of a stream that runs: which formats can be had from its start. Nothing else changes.
        options["live_from_start"] = True
    if network.proxy is not None:
        options["proxy"] = network.proxy
    if network.source_address is not None:
        options["source_address"] = network.source_address
    if network.bytes_per_second is not None:
        options["ratelimit"] = network.bytes_per_second
    if cookies is not None:
        options["cookiefile"] = cookies
    if trusts_named_certificates(network):
        # yt-dlp would trust certifi's list alone, and not look at SSL_CERT_FILE.
        options["compat_opts"] = ["no-certifi"]
    return options


@cache
def _deno() -> dict[str, str]:
    """Where the environment's deno is: older releases look along the PATH alone. Empty: let yt-dlp look for it."""
    try:
        import deno

        return {"path": str(deno.find_deno_bin())}
    except (ImportError, OSError):
        return {}


def trusts_named_certificates(network: Network) -> bool:
    return bool(network.ca_file or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"))


def retry_pause_seconds(failed: int) -> float:
    """How long to wait before trying again after `failed` + 1 attempts went wrong."""
    return float(min(0.25 * 2**failed, _LONGEST_PAUSE_SECONDS))
