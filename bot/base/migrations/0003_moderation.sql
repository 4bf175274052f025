-- What the moderators of a guild have set. NULL is our default, or the owner's.
CREATE TABLE guilds (
    guild_id INTEGER PRIMARY KEY,
    -- 1 once they have set or removed a limit for everyone: the owner's no longer holds.
    own_limits INTEGER NOT NULL DEFAULT 0 CHECK (own_limits IN (0, 1)),
    time_zone TEXT,
    language TEXT,
    log_channel_id INTEGER,
    default_resolution TEXT,
    default_duration INTEGER,
    highest_resolution TEXT,
    longest_duration INTEGER,
    member_at_once INTEGER CHECK (member_at_once > 0),
    guild_at_once INTEGER CHECK (guild_at_once > 0),
    queue_length INTEGER CHECK (queue_length > 0),
    review TEXT NOT NULL DEFAULT 'off' CHECK (review IN ('off', 'newcomers', 'everyone')),
    review_channel_id INTEGER,
    newcomer_days INTEGER CHECK (newcomer_days > 0),
    paused_at INTEGER,
    pause_reason TEXT,
    CHECK (review = 'off' OR review_channel_id IS NOT NULL)
) STRICT;

-- Limits. subject_id is a member or a role; 0 for everyone and for the guild's budget.
CREATE TABLE rules (
    guild_id INTEGER NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('member', 'role', 'everyone', 'guild')),
    subject_id INTEGER NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('clips', 'usd')),
    time_window TEXT NOT NULL CHECK (time_window IN ('hour', 'day', 'week', 'month')),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (guild_id, scope, subject_id, unit, time_window),
    CHECK ((scope IN ('member', 'role')) = (subject_id <> 0))
) STRICT;

CREATE TABLE blocks (
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    blocked_at INTEGER NOT NULL,
    -- NULL: until somebody lifts it.
    blocked_until INTEGER,
    reason TEXT NOT NULL,
    PRIMARY KEY (guild_id, member_id)
) STRICT;

CREATE TABLE blocked_words (
    guild_id INTEGER NOT NULL,
    word TEXT NOT NULL,
    is_pattern INTEGER NOT NULL CHECK (is_pattern IN (0, 1)),
    PRIMARY KEY (guild_id, word, is_pattern)
) STRICT;

-- Where the bot may be used; a guild without rows: everywhere.
CREATE TABLE channels (
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, channel_id)
) STRICT;

-- What moderators did. subject_id is a member, a role, a channel or a job, by the action.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    action TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    before_json TEXT,
    after_json TEXT,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX audit_of_guild ON audit (guild_id, id);
CREATE INDEX audit_of_action ON audit (guild_id, action, id);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

-- What the log channel is still to be told. The name makes each one happen once.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    data_json TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    told_at INTEGER,
    UNIQUE (guild_id, name)
) STRICT;

CREATE INDEX notices_untold ON notices (id) WHERE told_at IS NULL;

-- Clips that moderators see first.
CREATE TABLE reviews (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    verdict TEXT CHECK (verdict IN ('approved', 'refused')),
    actor_id INTEGER,
    decided_at INTEGER,
    CHECK ((verdict IS NULL) = (actor_id IS NULL) AND (verdict IS NULL) = (decided_at IS NULL))
) STRICT;

CREATE INDEX reviews_of_message ON reviews (message_id);

-- Requests that did not fit and whose member may take a smaller one: the latest of each.
CREATE TABLE offers (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    negative_prompt TEXT NOT NULL,
    seed INTEGER,
    picture_url TEXT NOT NULL,
    picture_bytes INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (guild_id, member_id)
) STRICT;

CREATE INDEX offers_by_age ON offers (expires_at);

-- A JSON list of the roles that the member had when asking.
ALTER TABLE jobs ADD COLUMN role_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE jobs ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- 1: moderators see the clip first.
ALTER TABLE jobs ADD COLUMN needs_review INTEGER NOT NULL DEFAULT 0 CHECK (needs_review IN (0, 1));
-- 1: it ended without a clip, and the provider may bill it all the same.
ALTER TABLE jobs ADD COLUMN may_be_billed INTEGER NOT NULL DEFAULT 0
    CHECK (may_be_billed IN (0, 1));
-- The moderator who cancelled it, before it ended, and what its member is told of why.
ALTER TABLE jobs ADD COLUMN cancelled_by INTEGER
    CHECK (state <> 'cancelled' OR cancelled_by IS NOT NULL);
ALTER TABLE jobs ADD COLUMN cancel_reason TEXT NOT NULL DEFAULT '';
-- When and by whom its clip was removed, after it was shown.
ALTER TABLE jobs ADD COLUMN removed_at INTEGER;
ALTER TABLE jobs ADD COLUMN removed_by INTEGER;

CREATE INDEX jobs_live_of_guild ON jobs (guild_id, member_id, state, due_at)
    WHERE state NOT IN ('delivered', 'told');
CREATE INDEX jobs_of_guild ON jobs (guild_id, created_at);
CREATE INDEX jobs_of_message ON jobs (message_id);

-- Each entry has three sides. What the server's purse pays: clips, micro_usd. What counts
-- against the member's limits: member_*. What it adds to the member's grants, negative where
-- it is paid from them: grant_*. A credit gives a member back what the server has paid.
CREATE TABLE ledger_with_sides (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    job_id INTEGER REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'reserve', 'settle', 'refund', 'credit', 'grant', 'reset')),
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    member_clips INTEGER NOT NULL,
    member_micro_usd INTEGER NOT NULL,
    grant_clips INTEGER NOT NULL,
    grant_micro_usd INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    counts_at INTEGER NOT NULL,
    entered_at INTEGER NOT NULL,
    CHECK ((kind IN ('reserve', 'settle', 'refund', 'credit')) = (job_id IS NOT NULL)),
    CHECK (kind NOT IN ('reserve', 'settle', 'refund') OR (
        clips = member_clips - grant_clips AND micro_usd = member_micro_usd - grant_micro_usd)),
    CHECK (kind IN ('reserve', 'settle', 'refund') OR (clips = 0 AND micro_usd = 0)),
    CHECK (kind <> 'reserve' OR (clips > 0 AND micro_usd >= 0
        AND member_clips >= 0 AND member_micro_usd >= 0
        AND grant_clips <= 0 AND grant_micro_usd <= 0)),
    CHECK (kind <> 'refund' OR (clips < 0 AND micro_usd <= 0)),
    CHECK (kind <> 'settle' OR clips = 0),
    CHECK (kind <> 'credit' OR (member_clips <= 0 AND member_micro_usd <= 0
        AND grant_clips >= 0 AND grant_micro_usd >= 0)),
    CHECK (kind NOT IN ('grant', 'reset') OR (member_clips = 0 AND member_micro_usd = 0)),
    CHECK (kind <> 'reset' OR (grant_clips = 0 AND grant_micro_usd = 0))
) STRICT;

INSERT INTO ledger_with_sides
SELECT id, guild_id, member_id, job_id, kind, clips, micro_usd, clips, micro_usd, 0, 0,
    actor_id, counts_at, entered_at
FROM ledger;

DROP TABLE ledger;
ALTER TABLE ledger_with_sides RENAME TO ledger;

CREATE UNIQUE INDEX ledger_reserved_once ON ledger (job_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_closed_once ON ledger (job_id) WHERE kind IN ('settle', 'refund');
CREATE UNIQUE INDEX ledger_credited_once ON ledger (job_id) WHERE kind = 'credit';
CREATE INDEX ledger_of_member ON ledger (
    guild_id, member_id, counts_at, member_clips, member_micro_usd);
CREATE INDEX ledger_of_guild ON ledger (guild_id, counts_at);
CREATE INDEX ledger_of_job ON ledger (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX ledger_grants ON ledger (guild_id, member_id, grant_clips, grant_micro_usd)
    WHERE grant_clips <> 0 OR grant_micro_usd <> 0;
CREATE INDEX ledger_resets ON ledger (guild_id, member_id, counts_at) WHERE kind = 'reset';

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;

-- The ledger summed up by quarters of an hour (counts_at / 900000), which every time zone's
-- midnight falls on; guild 0 is all guilds together. Only the trigger writes here.
CREATE TABLE spending (
    guild_id INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    PRIMARY KEY (guild_id, quarter)
) STRICT, WITHOUT ROWID;

INSERT INTO spending
SELECT guild_id, counts_at / 900000, sum(clips), sum(micro_usd) FROM ledger GROUP BY 1, 2
UNION ALL
SELECT 0, counts_at / 900000, sum(clips), sum(micro_usd) FROM ledger GROUP BY 2;

CREATE TRIGGER ledger_is_summed_up AFTER INSERT ON ledger
WHEN NEW.clips <> 0 OR NEW.micro_usd <> 0
BEGIN
    INSERT INTO spending (guild_id, quarter, clips, micro_usd)
    VALUES (NEW.guild_id, NEW.counts_at / 900000, NEW.clips, NEW.micro_usd),
        (0, NEW.counts_at / 900000, NEW.clips, NEW.micro_usd)
    ON CONFLICT (guild_id, quarter) DO UPDATE
    SET clips = clips + excluded.clips, micro_usd = micro_usd + excluded.micro_usd;
END;
