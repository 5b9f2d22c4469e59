"""What makes a plan old while it is carried out, in a process that lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ytarchive.core.instant import DAY

if TYPE_CHECKING:
    from ytarchive.core.plan import Ledger
    from ytarchive.core.report import SourceReport
    from ytarchive.reconciler.work import Work


class News(Protocol):
    """Asked by a pass, on its own thread.

    `again_after_seconds`: what was tried is tried again in the same pass after so long, where it is due.
    """

    again_after_seconds: int

    def catch_up(self, work: Work) -> None:
        """Bring what is wanted up to date, before a plan is made."""

    def planned(self, ledger: Ledger) -> None:
        """A plan was made."""

    def is_stale(self) -> bool:
        """Whether another plan should be made; asked often."""

    def is_busy(self) -> bool:
        """Whether something goes on that may bring work: lists that are looked at."""

    def is_over(self) -> bool:
        """Whether the pass should end, whatever is left to do."""

    def looked(self) -> tuple[SourceReport, ...]:
        """The lists that were looked at in this pass."""


class NoNews:
    """Nothing changes while one pass works."""

    again_after_seconds = 1_000 * DAY

    def catch_up(self, work: Work) -> None: ...
    def planned(self, ledger: Ledger) -> None: ...

    def is_stale(self) -> bool:
        return False

    def is_busy(self) -> bool:
        return False

    def is_over(self) -> bool:
        return False

    def looked(self) -> tuple[SourceReport, ...]:
        return ()


NO_NEWS = NoNews()
