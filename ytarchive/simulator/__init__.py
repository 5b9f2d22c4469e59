"""A stand-in for YouTube on loopback, for the demo, the tests and the benchmarks."""
