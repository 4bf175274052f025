-- Channels and categories are allowed or forbidden, each by itself.
ALTER TABLE allowed_channels RENAME TO channel_rules;
-- 'allow' closes all that no rule allows; 'except' allows a channel although its category is
-- forbidden, and closes nothing.
ALTER TABLE channel_rules ADD COLUMN verdict TEXT NOT NULL DEFAULT 'allow'
    CHECK (verdict IN ('allow', 'except', 'forbid'));

-- In which channels clips may be asked for, by Discord's age restriction of channels.
ALTER TABLE guild_settings ADD COLUMN age_restricted TEXT NOT NULL DEFAULT 'any'
    CHECK (age_restricted IN ('any', 'only', 'never'));
