-- What the owner is told, by the id 0 in place of a guild's. A message is sent from due_at on.
ALTER TABLE log_messages ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

-- The guilds that the bot is or was in. Row 0 stands for none: it is there once the owner's guilds
-- were written down, and from then on a guild without a row is a new one.
CREATE TABLE known_guilds (
    guild_id INTEGER PRIMARY KEY,
    is_member INTEGER NOT NULL CHECK (is_member IN (0, 1)),
    -- As last looked at; NULL where nobody has looked yet.
    was_open INTEGER CHECK (was_open IN (0, 1)),
    -- What the owner has decided by command, whatever settings say: 1 open, 0 closed.
    decision INTEGER CHECK (decision IN (0, 1))
) STRICT;

-- What the owner has set by command, and the process: one row. The pause of all guilds is that of
-- guild 0 in guild_settings, and the audit log of the owner that of guild 0.
CREATE TABLE owner_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- 1: ceiling_micro_usd is used instead of the setting; NULL there is without a ceiling.
    own_ceiling INTEGER NOT NULL DEFAULT 0 CHECK (own_ceiling IN (0, 1)),
    ceiling_micro_usd INTEGER CHECK (ceiling_micro_usd >= 0),
    -- Since when a process runs; NULL once it has stopped as it was told to.
    running_since INTEGER
) STRICT;

INSERT INTO owner_state (id) VALUES (1);
