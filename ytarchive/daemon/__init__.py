"""The daemon: wake, pass, sleep, for months. `station.run` is all of it; `whereabouts` is for who looks for one."""
