-- The windows of limits that had begun when the time zone was last changed, as JSON: by name the
-- start and the end (ms), and the first day of the window after it.
ALTER TABLE guild_settings ADD COLUMN kept_windows TEXT;
