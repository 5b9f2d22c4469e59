"""One pass over the archive: the only floor that knows every adapter. The command line calls what is named here."""

from ytarchive.reconciler.disk import RebuildReport
from ytarchive.reconciler.history import History, Moment, history
from ytarchive.reconciler.knowing import (
    ChannelKnowledge,
    Knowledge,
    ListKnowledge,
    VideoKnowledge,
    ask,
    is_known,
    known,
)
from ytarchive.reconciler.news import News
from ytarchive.reconciler.observer import Chorus, Observer, Silent
from ytarchive.reconciler.outlook import EgressOutlook, egress_outlooks, forecast_of, notices
from ytarchive.reconciler.passes import (
    DEFAULT_MAX_WAIT_SECONDS,
    PlanDocument,
    plan,
    plan_document,
    reconcile_on,
    reconcile_once,
    refresh,
    take_stock,
)
from ytarchive.reconciler.people import (
    accept_lower,
    acknowledge,
    can_be_lost,
    give_up,
    request,
    restore_wish,
    retry,
    withdraw,
)
from ytarchive.reconciler.quarantining import InQuarantine
from ytarchive.reconciler.sources import Due
from ytarchive.reconciler.sources import of_entries as followed
from ytarchive.reconciler.taking_away import want_again
from ytarchive.reconciler.telling import Explanation, Merged, Standing, explain, work_plan
from ytarchive.reconciler.verifying import (
    Damage,
    OnRead,
    VerifyReport,
    checksum_lines,
    download_archive_lines,
    verify,
)
from ytarchive.reconciler.world import World, open_reading, open_world, rebuild_index, settle

__all__ = [
    "DEFAULT_MAX_WAIT_SECONDS",
    "ChannelKnowledge",
    "Chorus",
    "Damage",
    "Due",
    "EgressOutlook",
    "Explanation",
    "History",
    "InQuarantine",
    "Knowledge",
    "ListKnowledge",
    "Merged",
    "Moment",
    "News",
    "Observer",
    "OnRead",
    "PlanDocument",
    "RebuildReport",
    "Silent",
    "Standing",
    "VerifyReport",
    "VideoKnowledge",
    "World",
    "accept_lower",
    "acknowledge",
    "ask",
    "can_be_lost",
    "checksum_lines",
    "download_archive_lines",
    "egress_outlooks",
    "explain",
    "followed",
    "forecast_of",
    "give_up",
    "history",
    "is_known",
    "known",
    "notices",
    "open_reading",
    "open_world",
    "plan",
    "plan_document",
    "rebuild_index",
    "reconcile_on",
    "reconcile_once",
    "refresh",
    "request",
    "restore_wish",
    "retry",
    "settle",
    "take_stock",
    "verify",
    "want_again",
    "withdraw",
    "work_plan",
]
