"""The command line: one module per command, each beside its options."""
