"""Benchmarks: what is claimed of this bot in numbers, measured again on any machine."""
