"""How near something is to a wish for quality, and whether less than the wish is really all that YouTube has.

An extraction may show too little for reasons that pass: a client was throttled, a challenge was not solved, formats
came without an address. What it shows then is no reason to settle for less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ytarchive.core.desired import Quality, Target
from ytarchive.core.evidence import Evidence
from ytarchive.core.failure import classify
from ytarchive.core.failure_table import policy
from ytarchive.core.failure_texts import code_of_text
from ytarchive.core.item import Got
from ytarchive.core.selection import Choice, Format, choose, rungs

SETTLES_AFTER = 3
"""So many attempts in vain, over more than a day by the policies of their codes, and what can be had is taken."""

_UNSEEN = 1_000_000


def is_nearer(choice: Choice, got: Got, target: Target) -> bool:
    """Whether what could be chosen now is nearer to the wish than what is on disk.

    Of two fallbacks the one of an earlier step is nearer, within a step the higher label; a picture that yt-dlp holds
    for damaged is left for any other.
    """
    if not got.below_wish or choice.video is None or target.video is None:
        return False
    if not choice.below_wish and target.video.max is not None:
        return True
    return _nearness(choice.video, target.video) > _nearness(got.video, target.video)


def why_less(
    choice: Choice | None,
    offered: Iterable[Format],
    named: Iterable[Format],
    target: Target,
    evidence: Evidence,
) -> str | None:
    """The code of what kept the wish from being answered although YouTube has more; None where it has no more.

    `named` are formats that some client told of, whether it gave an address or not. `evidence` is that of an
    extraction that succeeded: its log, its warnings, and what each client said.
    """
    formats = tuple(offered)
    known = {each.itag for each in formats}
    hidden = [replace(each, has_url=True) for each in named if each.itag not in known]
    better = choose((*formats, *hidden), target)
    shown = better is not None and _is_better(better, choice, target)
    if not shown and choice is not None and not choice.below_wish:
        return None
    code = classify(replace(evidence, stage="select", message="")).code
    if code == "HTTP_403_API":
        return "BROKEN"  # one client is refused, and others play it: that is no trouble of the address
    if policy(code).kind == "transient" or code == "NO_RUNTIME":
        return code  # what clients that were not asked, or not answered, would have named is not known
    if not shown:
        return None
    if code == "JS_FAIL":
        return code
    heard = {code_of_text(text) for text in evidence.warnings}
    return "POT_SKIPPED" if "POT_SKIPPED" in heard else "SABR_ONLY"


def _is_better(other: Choice, choice: Choice | None, target: Target) -> bool:
    if choice is None:
        return True
    if target.video is None:
        return False
    if choice.below_wish and not other.below_wish:
        return True
    return _nearness(other.video, target.video) > _nearness(choice.video, target.video)


def _nearness(picture: Format | None, quality: Quality) -> tuple[bool, int, int]:
    if picture is None:
        return (False, -_UNSEEN, 0)
    label = picture.label or 0
    places = (place for place, rung in enumerate(rungs(quality)) if rung.lowest <= label <= rung.highest)
    return (not picture.damaged, -next(places, _UNSEEN), label)
