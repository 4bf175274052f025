-- Whether a cancelled job counts for its member where Pika bills it all the same: its own member
-- cancelled it, and no moderator.
ALTER TABLE jobs ADD COLUMN cancel_counts INTEGER NOT NULL DEFAULT 0
    CHECK (cancel_counts IN (0, 1));
