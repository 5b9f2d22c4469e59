"""What an entry, or the settings for all entries, say about files that are wanted no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Policy = Literal["keep", "quarantine", "delete"]
Deletion = Literal["restore", "respect"]
_BY_CAUTION: tuple[Policy, ...] = ("keep", "quarantine", "delete")


@dataclass(frozen=True, slots=True)
class Policies:
    """As the keys of a manifest, or of `archive.policies`, are called. None: not said; then the settings' word holds."""

    when_removed_from_source: Policy | None = None
    when_unavailable: Policy | None = None
    when_unwanted: Policy | None = None
    when_deleted_locally: Deletion | None = None

    def over(self, settings: Policies) -> Policies:
        """These, and where they say nothing what the settings say."""
        return Policies(
            self.when_removed_from_source or settings.when_removed_from_source,
            self.when_unavailable or settings.when_unavailable,
            self.when_unwanted or settings.when_unwanted,
            self.when_deleted_locally or settings.when_deleted_locally,
        )

    @property
    def may_remove(self) -> bool:
        """Whether they ever take anything away."""
        said = (self.when_removed_from_source, self.when_unavailable, self.when_unwanted)
        return any(policy not in (None, "keep") for policy in said)


def most_careful(policies: Iterable[Policy | None]) -> Policy:
    """What several say together: keep before quarantine before delete. What is not said, and nothing at all, keeps."""
    return min((policy or "keep" for policy in policies), key=_BY_CAUTION.index, default="keep")
