-- What the means say of the time from request to video, of a clip that had others before it.
ALTER TABLE jobs ADD COLUMN mean_wait_ms INTEGER CHECK (mean_wait_ms > 0);
-- When nine in ten such clips are made, as its member was told last.
ALTER TABLE jobs ADD COLUMN promised_at INTEGER;
-- What its status message says of its way; empty while it has not begun.
ALTER TABLE jobs ADD COLUMN shown_progress TEXT NOT NULL DEFAULT '';
-- What its member was told when it was accepted: changes to the picture, what is left.
ALTER TABLE jobs ADD COLUMN notes_json TEXT NOT NULL DEFAULT '{}';

CREATE INDEX jobs_waited ON jobs (provider, rendered_at)
    WHERE mean_wait_ms IS NOT NULL AND rendered_at IS NOT NULL;
