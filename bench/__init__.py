"""Benchmarks: what is claimed of this house in numbers, measured again on any machine."""
