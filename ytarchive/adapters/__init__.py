"""Effects at the edge: disk, index, processes. Each adapter is tested against the real thing."""
