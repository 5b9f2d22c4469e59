"""Which hosts are simulated, and the certificate for them."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

SPONSORBLOCK_HOST = "sponsor.ajay.app"
_EXACT = frozenset(
    {
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "youtu.be",
        "www.youtu.be",
        "www.youtube-nocookie.com",
        "i.ytimg.com",
        "i1.ytimg.com",
        "i2.ytimg.com",
        "i3.ytimg.com",
        "i4.ytimg.com",
        "img.youtube.com",
        "yt3.ggpht.com",
        "yt3.googleusercontent.com",
        "www.googleapis.com",
        "youtube.googleapis.com",
        "youtubei.googleapis.com",
        SPONSORBLOCK_HOST,
    }
)
_SUFFIXES = (".googlevideo.com",)
IMAGE_HOSTS = frozenset(
    {
        *(host for host in _EXACT if host.endswith(".ytimg.com")),
        "img.youtube.com",
        "yt3.ggpht.com",
        "yt3.googleusercontent.com",
    }
)
API_HOSTS = frozenset({"www.googleapis.com", "youtube.googleapis.com"})


def is_simulated(host: str) -> bool:
    """Tell whether the proxy answers for a host; every other one is refused and counted."""
    host = host.lower()
    return host in _EXACT or host.endswith(_SUFFIXES)


def make_certificates(ca_path: Path) -> ssl.SSLContext:
    """Create a new authority, write its certificate to `ca_path`, and return the context that serves all hosts."""
    authority = trustme.CA(organization_name="YouTube simulator")
    authority.cert_pem.write_to_path(str(ca_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    names = [*sorted(_EXACT), *(f"*{suffix}" for suffix in _SUFFIXES)]
    authority.issue_cert(*names).configure_cert(context)
    return context
