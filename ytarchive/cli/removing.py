"""How it is drawn what is taken away, and what is not and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ytarchive.cli.output import Cell, Column, Screen, styled
from ytarchive.cli.words import count, size

if TYPE_CHECKING:
    from ytarchive.core.removal import Held, Removal


def draw_removals(
    screen: Screen, removals: Sequence[Removal], *, most: int | None, waiting: bool = False
) -> None:
    """One line for each; at most `most` are drawn. `waiting`: they go once a person says so."""
    shown = removals if most is None else removals[:most]
    columns = [
        Column("What"),
        Column("Video"),
        Column("Title", wide=True),
        Column("Why", wide=True),
        Column("Size", right=True),
    ]
    rows: list[Sequence[Cell]] = [
        [styled(one.how, "red"), one.video, one.title or "", one.why, size(one.bytes)] for one in shown
    ]
    screen.table(columns, rows)
    if len(removals) > len(shown):
        screen.say(f"… and {len(removals) - len(shown):,} more (-v shows all)", "dim")
    amount = f"{count(len(removals), 'item')} ({size(sum(one.bytes for one in removals))})"
    screen.say(f"{amount} {'wait for your word' if waiting else 'would be taken away'}", "yellow")


def draw_held(screen: Screen, held: Sequence[Held]) -> None:
    """What keeps items that would go."""
    for one in held:
        screen.say(f"Kept: {one.what}", "yellow")
        if one.videos:
            more = f" and {one.count - len(one.videos):,} more" if one.count > len(one.videos) else ""
            screen.say(f"  {', '.join(one.videos)}{more}", "dim")
        if one.cure:
            screen.say(f"  cure: {one.cure}")
