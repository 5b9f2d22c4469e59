"""The settings' one table: every key, what may be written, its default and what it means.

Reading (`ytarchive.settings`) and the table of docs/settings.md come from `SETTINGS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ytarchive.core.amounts import DURATION, DURATION_OR_0, SHARE, SIZE, WINDOW
from ytarchive.core.kinds import Kind, ListOf, choice, whole_number
from ytarchive.core.misread import Misread, one_of, shown

_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
EXPECTED_PROXY = "the address of a proxy such as http://localhost:3128 or socks5://localhost:1080"


def redacted(text: str) -> str:
    """An address without its user and password."""
    scheme, separator, rest = text.rpartition("://") if "://" in text else ("", "", text)
    return f"{scheme}{separator}***@{rest.rpartition('@')[2]}" if "@" in rest else text


def _read_path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError
    return text


def _read_umask(text: str) -> int:
    if not re.fullmatch("0?[0-7]{3}", text):
        raise ValueError
    return int(text, 8)


def _read_proxy(text: str) -> str:
    """Raise `Misread` without the password that may be in the text."""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not text.isprintable() or " " in text:
        raise Misread(shown(redacted(text)), EXPECTED_PROXY)
    return text


def _read_ip(text: str) -> str:
    from ipaddress import ip_address

    return str(ip_address(text))


def _read_listen(text: str) -> str:
    if re.fullmatch(r"unix:/[^\0]+", text):
        return text
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port is None or parts.path or "@" in text:
        raise ValueError
    return text


def _read_host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text):
        raise ValueError
    return text.lower()


def _read_endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return text


_STRING = {"type": "string"}
PATH = Kind("a path", _read_path, _STRING)
UMASK = Kind(
    'a umask of three octal digits in quotes, such as "022"',
    _read_umask,
    _STRING,
    meant=lambda text: f'"0{text}"' if re.fullmatch("[0-7]{2}", text) else None,
)
PROXY = Kind(EXPECTED_PROXY, _read_proxy, _STRING)
ADDRESS = Kind("an IP address of this machine, such as 192.168.1.20", _read_ip, _STRING)
LISTEN = Kind("a host and port such as 127.0.0.1:8790, or unix: and a path", _read_listen, _STRING)
HOST = Kind("the name of a host, such as archive.example.org", _read_host, _STRING)
ENDPOINT = Kind("an address such as http://localhost:4318", _read_endpoint, _STRING)
QUOTA = whole_number(0, 10_000_000, "a whole number up to 10,000,000; 0: the API is not used")
_REMOVALS = choice("keep", "quarantine", "delete")


def _limit(most: int) -> Kind:
    return whole_number(0, most, f"a whole number up to {most:,}; 0 switches the limit off")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row. `attribute` is its name in `Settings`, with its unit; `now` as in the manifest's table."""

    key: str
    kind: Kind | ListOf
    meaning: str
    default: str | tuple[str, ...] | None = None
    attribute: str = ""
    now: tuple[object, ...] | None = None

    @property
    def section(self) -> str:
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its name in `Settings`."""
        return self.attribute or self.key.rpartition(".")[2]


SETTINGS: tuple[Setting, ...] = (
    Setting("archive.root", PATH, "The folder of the archive.", "archive"),
    Setting(
        "archive.min_free", SIZE, "Room that stays free on the archive's disk.", "1GiB", "min_free_bytes"
    ),
    Setting(
        "archive.scrub_rate",
        SIZE,
        "How much the daemon reads back in a second to compare it with its checksums; 0: nothing.",
        "20MiB",
        "scrub_bytes_per_second",
    ),
    Setting("archive.umask", UMASK, "Which permissions new files and folders do not get.", "022"),
    Setting(
        "archive.guard",
        SHARE,
        "A pass that would take away a greater share of the archive (and more than three items) waits for a confirmation.",
        "10%",
        "guard_share",
    ),
    Setting(
        "archive.quarantine_grace",
        DURATION,
        "How long what was taken away stays in quarantine before it is deleted.",
        "30d",
        "quarantine_grace_seconds",
    ),
    Setting(
        "archive.policies.when_removed_from_source",
        _REMOVALS,
        "A video left its list; holds where no entry says anything else.",
        "keep",
    ),
    Setting(
        "archive.policies.when_unavailable",
        _REMOVALS,
        "YouTube has it no more; holds where no entry says anything else.",
        "keep",
    ),
    Setting(
        "archive.policies.when_unwanted",
        _REMOVALS,
        "No entry wants it any more, or its entry leaves it out and says nothing of that.",
        "keep",
    ),
    Setting(
        "archive.policies.when_deleted_locally",
        choice("restore", "respect"),
        "Somebody deleted its files; holds where no entry says anything else.",
        "restore",
    ),
    Setting("manifests.path", PATH, "The folder of the manifests.", "manifests"),
    Setting(
        "state.path",
        PATH,
        "The folder of the index, the work plan and the last good manifests; on a local disk.",
        "state",
    ),
    Setting(
        "schedule.interval",
        DURATION,
        "How often lists are read again that say nothing else.",
        "6h",
        "interval_seconds",
    ),
    Setting(
        "schedule.windows",
        ListOf(WINDOW),
        "Times of day, by this machine's clock, in which to download; none: always.",
        (),
    ),
    Setting("limits.downloads", _limit(64), "Videos that are downloaded at once.", "2"),
    Setting("limits.extractions", _limit(64), "Videos that YouTube is asked about at once.", "1"),
    Setting(
        "limits.videos_per_hour",
        _limit(100_000),
        "Videos that YouTube is asked about in any hour; fewer after it throttled this address.",
        "250",
    ),
    Setting("limits.per_day", _limit(1_000_000), "Videos that YouTube is asked about in a day.", "0"),
    Setting(
        "limits.pause",
        DURATION_OR_0,
        "Pause between downloads, once half of an hour's videos are spent; up to twice as long, at random.",
        "5s",
        "pause_seconds",
    ),
    Setting(
        "limits.bandwidth",
        SIZE,
        "Bytes a second for all downloads together.",
        "0",
        "bandwidth_bytes_per_second",
    ),
    Setting(
        "network.proxy",
        PROXY,
        "The proxy of every request but those to this machine and to what `no_proxy` names; not set: `https_proxy`, `http_proxy` and `no_proxy` of the environment.",
    ),
    Setting(
        "network.ca_file",
        PATH,
        "Certificates to trust (PEM); not set: `SSL_CERT_FILE` of the environment, or the usual ones.",
    ),
    Setting("network.source_address", ADDRESS, "The address of this machine to ask from."),
    Setting(
        "youtube.api_key_file",
        PATH,
        "A file with a key of the YouTube Data API; not set: everything is read without it.",
    ),
    Setting("youtube.quota", QUOTA, "Units of the YouTube Data API that may be spent in a day.", "10000"),
    Setting(
        "youtube.reserve",
        SHARE,
        "How much of the quota is kept for seeing what is new, and for what a person asks.",
        "10%",
        "reserve_share",
    ),
    Setting(
        "server.listen",
        LISTEN,
        "Where the page and the API are served; beyond this machine only with a token file.",
        "127.0.0.1:8790",
    ),
    Setting("server.metrics_listen", LISTEN, "Where metrics alone are served; may be open to all."),
    Setting(
        "server.token_file",
        PATH,
        "A file with the token that writing needs, and beyond this machine reading too; not set: `token` in the state "
        "folder, which is made.",
    ),
    Setting(
        "server.hosts",
        ListOf(HOST),
        "Names besides this machine's own under which a proxy serves the page.",
        (),
    ),
    Setting("log.level", choice("debug", "info", "warning", "error"), "The least that is logged.", "info"),
    Setting(
        "log.format",
        choice("auto", "text", "json"),
        "How lines look on standard error; auto: text on a terminal, JSON elsewhere. Files hold JSON.",
        "auto",
    ),
    Setting("log.keep", DURATION, "How long the files of the log stay.", "30d", "keep_seconds"),
    Setting(
        "log.max_size",
        SIZE,
        "How large the files of the log may become together; 0: no limit.",
        "100MB",
        "max_size_bytes",
    ),
    Setting(
        "tracing.endpoint",
        ENDPOINT,
        "Where traces are sent (OpenTelemetry, OTLP over HTTP); needs the extra `tracing`.",
    ),
    Setting("executor.kind", choice("local", "fleet"), "Where downloads run.", "local", now=("local",)),
    Setting(
        "executor.grace",
        DURATION,
        "How long running downloads may go on when the daemon is told to stop; then they are stopped where they can go on.",
        "30s",
        "grace_seconds",
    ),
)
BY_KEY = {setting.key: setting for setting in SETTINGS}
# `auth.<name>.cookies_file`: its name is free, so it is no row of the table above.
AUTH_MEANING = (
    "Cookies of the account `<name>` in Netscape format, for the entries with `auth: <name>`; a file that only its owner "
    "may read, or `$CREDENTIALS_DIRECTORY/...`. See signing-in.md."
)
FIXED = (
    "archive.root",
    "archive.umask",
    "archive.scrub_rate",
    "manifests",
    "state",
    "server",
    "log",
    "tracing",
    "executor.kind",
)
"""Keys, and whole sections, of which a running daemon takes over no other value: what stands on them stands already."""
SECTIONS = tuple(dict.fromkeys([*(setting.key.partition(".")[0] for setting in SETTINGS), "auth"]))


def is_fixed(key: str) -> bool:
    """Whether another value of this setting holds after a restart of the daemon alone."""
    return any(key == fixed or key.startswith(f"{fixed}.") for fixed in FIXED)


def account_setting(name: str) -> Setting:
    """The row of one account's cookies."""
    return Setting(f"auth.{name}.cookies_file", PATH, AUTH_MEANING)


def account_of(key: str) -> str | None:
    """The account whose setting this is; None for every other setting."""
    match = re.fullmatch(r"auth\.(.+)\.cookies_file", key)
    return match[1] if match else None


def variable(key: str) -> str:
    """The environment variable of a setting: `limits.pause` gives `YTARCHIVE_LIMITS__PAUSE`."""
    return f"YTARCHIVE_{key.replace('.', '__').upper()}"


def reference_table() -> str:
    """The table of docs/settings.md in Markdown, one row a setting."""
    rows = [("key", "what is written", "default", "this version", "in force", "meaning"), ("---",) * 6]
    rows.extend(
        (
            f"`{setting.key}`",
            setting.kind.expected,
            f"`{_default(setting)}`" if setting.default is not None else "not set",
            _supported(setting),
            "after a restart" if is_fixed(setting.key) else "after a reload",
            setting.meaning,
        )
        for setting in SETTINGS
    )
    rows.append(
        ("`auth.<name>.cookies_file`", PATH.expected, "not set", "yes", "after a reload", AUTH_MEANING)
    )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _default(setting: Setting) -> str:
    default = setting.default or ()
    text = default if isinstance(default, str) else f"[{', '.join(default)}]"
    return f"./{text}" if setting.kind is PATH else text


def _supported(setting: Setting) -> str:
    if setting.now is None:
        return "yes"
    return f"only {one_of(str(word) for word in setting.now)}"
