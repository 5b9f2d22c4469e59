"""Decisions as pure functions over frozen values: no clock, no file, no random, no logging."""
