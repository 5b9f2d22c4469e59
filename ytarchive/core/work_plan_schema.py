"""The JSON Schema of a work plan, made from its type, so that the two are never apart."""

from __future__ import annotations

from typing import Any, get_args

from ytarchive.core.codec import adapter
from ytarchive.core.failure_table import CODES, Kind
from ytarchive.core.work_plan import VERSION, WorkPlan

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MEANINGS = {
    "WorkPlan": {
        "archive": "The id of the archive.",
        "made_at": "As of when it is true (UTC).",
        "count": "How many items there are; each is one video or one list.",
        "owed": "How many of them make the exit code 3.",
        "acknowledged": "How many of them a person said are known, lost ones too.",
        "lost": "How many of them a person gave up.",
        "notices": "What pauses all downloads: a broken engine, no network, a full disk.",
        "settings": "The settings file with which the commands are meant.",
        "groups": "One for each cause, what somebody can do something about first.",
        "items": "Sorted by cause.",
        "only_copies": "What is on disk and gone from YouTube.",
        "below_wish": "What is on disk in less than the wished quality; looked at again by itself.",
    },
    "WorkPlanItem": {
        "video": "The id of a video, or none where `source` is there.",
        "source": "The playlist, channel or list of playlists that cannot be read.",
        "entries": "The entries of the manifests that want it.",
        "code": "The cause; docs/work-plan.md explains each.",
        "owed": "No known time settles it, and nobody acknowledged it.",
        "attempts": "How many failed in a row.",
        "on_disk": "There is a copy, damaged or not as wanted.",
    },
    "BelowWish": {
        "got": "What is on disk.",
        "wished": "The wished label.",
        "cut": "A stream was recorded in part only.",
        "because": "The code of what kept more away; missing: it was not offered.",
        "next_look_at": "When it is looked at again (UTC); no more where this is missing.",
    },
    "Cure": {
        "what": "What somebody can do.",
        "command": "To be run as it stands.",
        "edit": "What goes where: a manifest with its line, or the settings.",
    },
    "Notice": {
        "name": "engine, network or disk.",
        "what": "What is wrong, and what follows.",
        "since": "Since when (UTC).",
        "next_at": "When one video goes out to see whether that still holds (UTC).",
    },
    "Next": {"what": "What happens by itself.", "at": "When (UTC); nothing does where this is missing."},
    "Seen": {"message": "The last words.", "status": "Of HTTP, where there was one."},
}


def json_schema() -> dict[str, Any]:
    """The schema of `work-plan.yaml`, and of `workplan list --json`. More keys may come within a version."""
    schema = adapter(WorkPlan).json_schema(mode="serialization", ref_template="#/$defs/{model}")
    parts = {"WorkPlan": schema, **schema["$defs"]}
    for name, part in parts.items():
        part.pop("description", None)
        for key, value in part["properties"].items():
            value.pop("title", None)
            if key in ("at", "until", "since") or key.endswith("_at"):
                _tell_instant(value)
            if meaning := _MEANINGS.get(name, {}).get(key):
                value["description"] = meaning
            if key == "code":
                value["enum"] = sorted(CODES)
            if key == "kind":
                value["enum"] = list(get_args(Kind))
    schema["properties"]["version"] = {"const": VERSION}
    return {"$schema": DIALECT, **schema, "title": "ytarchive work plan"}


def _tell_instant(value: dict[str, Any]) -> None:
    for one in value.get("anyOf", [value]):
        if one.get("type") == "string":
            one["format"] = "date-time"
