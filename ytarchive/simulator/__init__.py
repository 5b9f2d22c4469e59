"""A stand-in for YouTube on loopback, for the demo, the tests and the benchmarks.

Unmodified programs reach it through the ordinary proxy variables and a generated certificate authority.
"""

from ytarchive.simulator.catalogue import Case, Catalogue, Video, numbered_video_id
from ytarchive.simulator.channels import UPLOAD_LISTS, computed_channel_id, computed_handle
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.playlists import PLAYLISTS, computed_playlist_id
from ytarchive.simulator.simulator import Simulator
from ytarchive.simulator.upload_ids import UploadKind
from ytarchive.simulator.wellknown import UNAVAILABLE, WELL_KNOWN

__all__ = [
    "PLAYLISTS",
    "UNAVAILABLE",
    "UPLOAD_LISTS",
    "WELL_KNOWN",
    "Case",
    "Catalogue",
    "Fault",
    "FaultKind",
    "Simulator",
    "UploadKind",
    "Video",
    "computed_channel_id",
    "computed_handle",
    "computed_playlist_id",
    "numbered_video_id",
]
