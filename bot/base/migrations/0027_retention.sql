-- What is kept for some days only: the details of clips that have ended, reasons in the audit log, the
-- names of members in the books, and everything about a server that was left.

-- 0: what its member asked for, and how it was made, is deleted.
ALTER TABLE jobs ADD COLUMN has_details INTEGER NOT NULL DEFAULT 1 CHECK (has_details IN (0, 1));
UPDATE jobs SET has_details = 0 WHERE interaction_id < 0;
CREATE INDEX jobs_named ON jobs (ended_at, has_details)
    WHERE ended_at IS NOT NULL AND interaction_id > 0;

-- When the bot was seen to be in a guild no more; NULL while it is in, and once all of it is deleted.
ALTER TABLE known_guilds ADD COLUMN left_at INTEGER;
UPDATE known_guilds SET left_at = unixepoch() * 1000 WHERE is_member = 0 AND guild_id <> 0;

DROP TRIGGER audit_is_not_changed;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
WHEN NEW.reason <> '' OR (NEW.id, NEW.guild_id, NEW.done_at, NEW.actor_id, NEW.action,
        NEW.subject_kind, NEW.subject_id, NEW.before_json, NEW.after_json)
    IS NOT (OLD.id, OLD.guild_id, OLD.done_at, OLD.actor_id, OLD.action,
        OLD.subject_kind, OLD.subject_id, OLD.before_json, OLD.after_json)
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

DROP TRIGGER audit_is_not_cut;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM known_guilds
    WHERE guild_id = OLD.guild_id AND is_member = 0 AND left_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
