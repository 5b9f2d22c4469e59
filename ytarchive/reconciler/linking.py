"""The library that people browse: links for each view that wants a video, made from the manifests alone."""

from __future__ import annotations

from ytarchive.core.item import Item
from ytarchive.reconciler.world import World
