-- Pictures that a member chose from a message's or a person's menu, until they are animated or not.
CREATE TABLE picture_requests (
    -- No id comes again: forms and questions that are open name it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    -- Whose pictures they are, and in which message; 0: it is an avatar.
    owner_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL DEFAULT 0,
    -- The pictures, and what was chosen and typed in the form; both go with the answer.
    pictures_json TEXT,
    options_json TEXT,
    state TEXT NOT NULL DEFAULT 'chosen'
        CHECK (state IN ('chosen', 'asked', 'granted', 'refused', 'used')),
    -- Where the owner was asked, when, and when the answer came.
    channel_id INTEGER,
    asked_at INTEGER,
    answer TEXT,
    answered_at INTEGER,
    job_id INTEGER REFERENCES jobs (id),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX picture_requests_of_member ON picture_requests (member_id, asked_at);
CREATE INDEX picture_requests_of_owner ON picture_requests (owner_id, asked_at);
CREATE INDEX picture_requests_by_age ON picture_requests (state, expires_at);
CREATE INDEX picture_requests_of_job ON picture_requests (job_id) WHERE job_id IS NOT NULL;

-- Who may animate whose pictures in a guild without asking again.
CREATE TABLE picture_consents (
    guild_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, owner_id, member_id)
) STRICT, WITHOUT ROWID;

-- Whose pictures nobody else animates, in any guild, and about which nobody is asked.
CREATE TABLE picture_opt_outs (
    owner_id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

-- Whether members may animate pictures of others here: NULL if those say yes.
ALTER TABLE guild_settings ADD COLUMN others_pictures TEXT
    CHECK (others_pictures IN ('ask', 'never', 'always'));
