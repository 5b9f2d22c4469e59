"""The HTTP API, the metrics and the page of a running daemon. It knows the daemon only as an `Office`."""
