-- Wires that take addresses get that of a message with the cleaned picture, and no longer that of
-- the original, which nothing needs.
ALTER TABLE jobs DROP COLUMN picture_url;

-- Where moderators are shown the picture of a clip that they review, until that is decided.
ALTER TABLE jobs ADD COLUMN picture_channel_id INTEGER;
ALTER TABLE jobs ADD COLUMN picture_message_id INTEGER;
