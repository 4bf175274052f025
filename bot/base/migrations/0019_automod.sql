-- The AutoMod rules of guilds that have them held against prompts, as they were read last.
CREATE TABLE automod_rules (
    guild_id INTEGER PRIMARY KEY,
    rules_json TEXT NOT NULL,
    read_at INTEGER NOT NULL
) STRICT;
