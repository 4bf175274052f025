-- A picture's file is kept for some days after its job: what is kept is found by the job's end, and
-- who else needs a file by its name.
CREATE INDEX jobs_with_picture ON jobs (ended_at) WHERE picture_file IS NOT NULL;
CREATE INDEX jobs_of_picture ON jobs (picture_file) WHERE picture_file IS NOT NULL;

-- What pictures like this one have in common, as 16 hexadecimal digits; the picture cannot be made of
-- it. NULL where there is too little in the picture to tell it from others.
ALTER TABLE jobs ADD COLUMN picture_hash TEXT;
-- The message that called the member to the clip.
ALTER TABLE jobs ADD COLUMN notice_message_id INTEGER;
-- What the member is told of why the clip was removed.
ALTER TABLE jobs ADD COLUMN remove_reason TEXT NOT NULL DEFAULT '';

-- A member's history: clips that were shown, and those of them that were removed.
CREATE INDEX jobs_delivered ON jobs (guild_id, member_id, id) WHERE state = 'delivered';
CREATE INDEX jobs_removed ON jobs (guild_id, member_id, removed_at) WHERE removed_at IS NOT NULL;

-- Pictures that moderators refuse in their guild, each by the clip that was made of it.
CREATE TABLE remembered_pictures (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
    guild_id INTEGER NOT NULL,
    picture_hash TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    remembered_at INTEGER NOT NULL
) STRICT;

CREATE INDEX remembered_pictures_of_guild ON remembered_pictures (guild_id, job_id);
