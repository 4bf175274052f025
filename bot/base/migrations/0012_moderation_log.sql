-- NULL: yes. 0: the log channel is not told what moderators do.
ALTER TABLE guild_settings ADD COLUMN log_acts INTEGER CHECK (log_acts IN (0, 1));
-- The role that is mentioned where a clip is to be reviewed, or something needs a look.
ALTER TABLE guild_settings ADD COLUMN alert_role_id INTEGER;

CREATE INDEX log_messages_of_kind ON log_messages (guild_id, kind, id);
