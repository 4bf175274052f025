-- How a member is told that a clip is there: by a mention, which goes by itself, a reaction, a direct
-- message, or not at all.
ALTER TABLE member_defaults ADD COLUMN tell TEXT NOT NULL
    DEFAULT 'mention' CHECK (tell IN ('mention', 'reaction', 'none', 'dm'));
UPDATE member_defaults SET tell = 'none' WHERE notifies = 0;
ALTER TABLE member_defaults DROP COLUMN notifies;
-- Whether clips are blurred until somebody looks.
ALTER TABLE member_defaults ADD COLUMN spoiler INTEGER NOT NULL DEFAULT 0
    CHECK (spoiler IN (0, 1));

ALTER TABLE jobs ADD COLUMN tell TEXT NOT NULL
    DEFAULT 'mention' CHECK (tell IN ('mention', 'reaction', 'none', 'dm'));
UPDATE jobs SET tell = 'none' WHERE notifies = 0;
ALTER TABLE jobs DROP COLUMN notifies;

-- Messages that called members to their clips, until they are deleted: once seen, or after a day.
CREATE TABLE notices (
    message_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    delete_at INTEGER NOT NULL,
    -- When it stays for good, where Discord does not let the bot delete it.
    give_up_at INTEGER NOT NULL
) STRICT;

CREATE INDEX notices_by_time ON notices (delete_at);
CREATE INDEX notices_of_member ON notices (member_id, channel_id);

-- Members who take no direct messages of the bot's, and since when that is known.
CREATE TABLE closed_direct_messages (
    member_id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;
