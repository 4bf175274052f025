"""`make demo` with its page, and one clip from the shell."""
