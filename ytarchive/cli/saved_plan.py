"""A plan in a file: written whole or not at all, and read back with a clear word when it is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.cli.output import as_json
from ytarchive.core.codec import MalformedValue, decode
from ytarchive.errors import UsageError, YtarchiveError

if TYPE_CHECKING:
    from ytarchive.reconciler import PlanDocument

_MAKE_ONE = "make one: ytarchive plan -o FILE"


def write_plan(path: Path, document: PlanDocument) -> None:
    """Replace the file in one step; raise `YtarchiveError` when that cannot be done."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(as_json(document) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise YtarchiveError(
            f"{path}: the plan cannot be saved: {error.strerror}",
            cure="give -o a file in a folder that can be written",
        ) from None


def read_plan(path: Path) -> PlanDocument:
    """Raise `UsageError` for a file that is missing or holds no plan that this version understands."""
    from ytarchive.reconciler import PlanDocument
    from ytarchive.reconciler.passes import PLAN_VERSION

    try:
        document = decode(PlanDocument, path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: the plan cannot be read: {error.strerror}", cure=_MAKE_ONE) from None
    except MalformedValue as error:
        raise UsageError(f"{path}: this is not a saved plan: {error}", cure=_MAKE_ONE) from None
    if document.version != PLAN_VERSION:
        raise UsageError(
            f"{path}: a plan of version {document.version}, expected {PLAN_VERSION}", cure=_MAKE_ONE
        )
    return document
