"""Both stand-ins and the real bot between them, started and stopped together."""
