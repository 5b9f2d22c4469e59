"""The token that proves who may write: made once, kept in a file, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from ytarchive.errors import YtarchiveError

COOKIE = "ytarchive_session"
SHORTEST = 16
LONGEST = 4096


class Keys:
    """What proves that a request comes from somebody who knows the token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self.session = hmac.new(self._token, b"ytarchive page session 1", hashlib.sha256).hexdigest()
        """The value of the page's cookie: it proves the token and does not hold it."""

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors="replace"), self._token)

    def is_session(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors="replace"), self.session.encode())


def ready_token(path: Path, *, own: bool = True) -> Keys:
    """The token in a file; `own`: it is ours, and made when it is not there. Raise `YtarchiveError` with its cure."""
    try:
        if own and not path.exists():
            _make(path)
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            token = file.read(LONGEST + 1).decode("ascii", errors="replace").strip()
    except OSError as error:
        raise YtarchiveError(
            f"{path}: the token of the API cannot be read: {error.strerror}",
            cure="let this user read the file, or name another one in server.token_file",
        ) from None
    if mode & stat.S_IRWXO:
        raise YtarchiveError(f"{path}: others may read the token of the API", cure=f"chmod o= {path}")
    if (
        not SHORTEST <= len(token) <= LONGEST
        or not token.isprintable()
        or not token.isascii()
        or " " in token
    ):
        raise YtarchiveError(
            f"{path}: this is no token: expected one word of {SHORTEST} characters or more",
            cure=f"openssl rand -hex 32 > {path}" if not own else f"delete {path}: a new one is made",
        )
    return Keys(token)


def _make(path: Path) -> None:
    """Whole or not at all: a reader never finds half a token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
