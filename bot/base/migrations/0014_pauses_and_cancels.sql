-- When a pause ends by itself; NULL: when somebody ends it.
ALTER TABLE guild_settings ADD COLUMN paused_until INTEGER;

-- When a moderator cancelled it. With `cancelled_by` and `done_at` of the audit it leads from one
-- event about several clips to each of them.
ALTER TABLE jobs ADD COLUMN cancelled_at INTEGER;
CREATE INDEX jobs_cancelled ON jobs (guild_id, member_id, cancelled_at)
    WHERE cancelled_at IS NOT NULL;
