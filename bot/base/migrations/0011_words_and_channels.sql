-- Which blocked words were in prompts that were refused, by whom and how often; no prompt. Kept for
-- 30 days: `day` counts days of UTC since 1970.
CREATE TABLE word_hits (
    guild_id INTEGER NOT NULL,
    word TEXT NOT NULL,
    is_pattern INTEGER NOT NULL CHECK (is_pattern IN (0, 1)),
    member_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    hits INTEGER NOT NULL CHECK (hits > 0),
    last_hit_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, word, is_pattern, member_id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX word_hits_by_age ON word_hits (day);

-- Channels and categories are allowed or forbidden, each by itself.
ALTER TABLE allowed_channels RENAME TO channel_rules;
-- 'allow' closes all that no rule allows; 'except' allows a channel although its category is
-- forbidden, and closes nothing.
ALTER TABLE channel_rules ADD COLUMN verdict TEXT NOT NULL DEFAULT 'allow'
    CHECK (verdict IN ('allow', 'except', 'forbid'));

-- In which channels clips may be asked for, by Discord's age restriction of channels.
ALTER TABLE guild_settings ADD COLUMN age_restricted TEXT NOT NULL DEFAULT 'any'
    CHECK (age_restricted IN ('any', 'only', 'never'));
