-- Pictures that a member chose from a message's or a person's menu, until they are animated or not.
CREATE TABLE picture_requests (
    -- No id comes again: forms and questions that are open name it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    -- Whose pictures they are.
    owner_id INTEGER NOT NULL,
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
