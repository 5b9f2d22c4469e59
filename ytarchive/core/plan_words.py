"""How the plan's reasons and actions are told to people, in a terminal and on the page."""

from __future__ import annotations

from ytarchive.core.plan import Action, Reason

REASONS = {
    Reason.CONVERGED: "as wanted",
    Reason.MISSING: "not here yet",
    Reason.DAMAGED: "the copy on disk is damaged",
    Reason.TARGET_CHANGED: "something else is wanted now",
    Reason.ALREADY_ANSWERS: "what is on disk already answers the wish",
    Reason.BESIDE_CHANGED: "something else is wanted beside the media",
    Reason.MARKS_CHANGED: "other parts are to be marked or cut out",
    Reason.UNDECIDED: "a filter needs more than is known of it",
    Reason.BELOW_WISH: "here, in less than the wished quality; looked at again should more be offered",
    Reason.LOOK_DUE: "time to look again for what was not offered before",
    Reason.CAPTIONS_REQUIRED: "required captions are missing",
    Reason.IN_FLIGHT: "a worker has it",
    Reason.RETRY_DUE: "time to try again",
    Reason.BACKOFF: "failed, and is tried again later",
    Reason.WAITING: "waits for a known time",
    Reason.GONE: "gone",
    Reason.UNCONFIRMED: "said to be gone, and looked at again on another day",
    Reason.NEEDS_PERSON: "needs you",
    Reason.NEEDS_COOKIES: "waits for cookies that YouTube takes",
    Reason.NEEDS_ENGINE: "needs a newer engine",
}
VERBS = {
    Action.FETCH: "download",
    Action.EXAMINE: "examine",
    Action.UPDATE: "update",
    Action.FETCH_BESIDE: "sidecars",
    Action.LOOK_AGAIN: "look again",
    Action.MARK: "mark",
    Action.ACCEPT: "accept",
}
