"""`ytarchive reconcile`, long-running: wake, pass, sleep."""
