-- What a member has chosen for the options that `/animate` is not given, by guild. NULL is the
-- guild's default.
CREATE TABLE member_defaults (
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    resolution TEXT,
    duration INTEGER,
    negative_prompt TEXT NOT NULL,
    -- 0: no message calls the member to a clip or a failure.
    notifies INTEGER NOT NULL CHECK (notifies IN (0, 1)),
    PRIMARY KEY (guild_id, member_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN notifies INTEGER NOT NULL DEFAULT 1 CHECK (notifies IN (0, 1));
