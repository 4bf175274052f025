"""Real H.264 from one picture."""
