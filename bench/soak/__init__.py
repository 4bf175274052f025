"""The soak: bots that are killed at random, with faults on both sides, and the books afterwards."""
