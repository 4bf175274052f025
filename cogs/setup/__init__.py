"""`/setup`: what a server lacks, and its first settings."""
