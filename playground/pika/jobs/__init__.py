"""The life of a job, from its inputs to its video."""
