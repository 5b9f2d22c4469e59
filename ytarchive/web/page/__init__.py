"""The page for people: rendered here, readable without scripts; the one script only keeps it fresh."""
