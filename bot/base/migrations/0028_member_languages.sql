-- The language that a member has chosen in a guild, for what they alone read; NULL is their Discord's.
ALTER TABLE member_defaults ADD COLUMN language TEXT;
-- The language of direct messages about a clip; NULL is that of its messages, as before.
ALTER TABLE jobs ADD COLUMN member_language TEXT;
