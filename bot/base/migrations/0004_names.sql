-- Names by the field's words, the options of a request as one JSON column, and which jobs a
-- start has still to look for in the chat.

ALTER TABLE marks RENAME TO key_values;
ALTER TABLE intakes RENAME TO unanswered_interactions;
ALTER TABLE guilds RENAME TO guild_settings;
ALTER TABLE channels RENAME TO allowed_channels;

ALTER TABLE notices RENAME TO log_messages;
ALTER TABLE log_messages RENAME COLUMN name TO dedup_key;
ALTER TABLE log_messages RENAME COLUMN noted_at TO created_at;
ALTER TABLE log_messages RENAME COLUMN told_at TO sent_at;
DROP INDEX notices_untold;
CREATE INDEX log_messages_unsent ON log_messages (id) WHERE sent_at IS NULL;

ALTER TABLE rules RENAME COLUMN subject_id TO target_id;
ALTER TABLE audit RENAME COLUMN scope TO subject_kind;
ALTER TABLE spending RENAME COLUMN quarter TO quarter_hour;

-- The same sums by days of UTC (counts_at / 86400000): a month is thirty rows and the quarters of
-- its first day. Only the trigger writes here.
CREATE TABLE daily_spending (
    guild_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    PRIMARY KEY (guild_id, day)
) STRICT, WITHOUT ROWID;

INSERT INTO daily_spending
SELECT guild_id, quarter_hour / 96, sum(clips), sum(micro_usd) FROM spending GROUP BY 1, 2;

DROP TRIGGER ledger_is_summed_up;
CREATE TRIGGER ledger_is_summed_up AFTER INSERT ON ledger
WHEN NEW.clips <> 0 OR NEW.micro_usd <> 0
BEGIN
    INSERT INTO spending (guild_id, quarter_hour, clips, micro_usd)
    VALUES (NEW.guild_id, NEW.counts_at / 900000, NEW.clips, NEW.micro_usd),
        (0, NEW.counts_at / 900000, NEW.clips, NEW.micro_usd)
    ON CONFLICT (guild_id, quarter_hour) DO UPDATE
    SET clips = clips + excluded.clips, micro_usd = micro_usd + excluded.micro_usd;
    INSERT INTO daily_spending (guild_id, day, clips, micro_usd)
    VALUES (NEW.guild_id, NEW.counts_at / 86400000, NEW.clips, NEW.micro_usd),
        (0, NEW.counts_at / 86400000, NEW.clips, NEW.micro_usd)
    ON CONFLICT (guild_id, day) DO UPDATE
    SET clips = clips + excluded.clips, micro_usd = micro_usd + excluded.micro_usd;
END;

-- A CHECK cannot be changed in place, so the tables with states and verdicts are built anew.
CREATE TABLE new_jobs (
    id INTEGER PRIMARY KEY,
    interaction_id INTEGER NOT NULL UNIQUE,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    application_id INTEGER NOT NULL,
    token TEXT,
    token_until INTEGER NOT NULL,
    upload_limit INTEGER NOT NULL CHECK (upload_limit > 0),

    provider TEXT NOT NULL,
    options_json TEXT NOT NULL,
    -- What SQL asks of the options.
    resolution TEXT GENERATED ALWAYS AS (json_extract(options_json, '$.resolution')) VIRTUAL,
    duration INTEGER GENERATED ALWAYS AS (json_extract(options_json, '$.duration')) VIRTUAL,
    price_micro_usd INTEGER NOT NULL CHECK (price_micro_usd >= 0),
    -- Where the original picture is, for wires that fetch it instead of taking its bytes.
    picture_url TEXT,
    -- A JSON list of the roles that the member had when asking.
    role_ids TEXT NOT NULL DEFAULT '[]',
    language TEXT NOT NULL DEFAULT 'en',
    -- 1: moderators see the clip first.
    needs_review INTEGER NOT NULL DEFAULT 0 CHECK (needs_review IN (0, 1)),

    state TEXT NOT NULL CHECK (state IN (
        'queued', 'submitting', 'rendering', 'rendered', 'delivered',
        'failed', 'cancelled', 'notified')),
    idempotency_key TEXT UNIQUE,
    order_json TEXT,
    ticket_json TEXT,
    charge_micro_usd INTEGER CHECK (charge_micro_usd >= 0),
    failure TEXT,
    reference TEXT NOT NULL,
    -- 1: it ended without a clip, and the provider may bill it all the same.
    may_be_billed INTEGER NOT NULL DEFAULT 0 CHECK (may_be_billed IN (0, 1)),
    -- The moderator who cancelled it, before it ended, and what its member is told of why.
    cancelled_by INTEGER,
    cancel_reason TEXT NOT NULL DEFAULT '',

    created_at INTEGER NOT NULL,
    submitted_at INTEGER,
    rendered_at INTEGER,
    ended_at INTEGER,
    -- When and by whom its clip was removed, after it was shown.
    removed_at INTEGER,
    removed_by INTEGER,

    -- When the next step is due; while a step runs, when its lease ends.
    due_at INTEGER NOT NULL,
    -- Counts the claims: a step may move the job only under the claim it was given.
    claim INTEGER NOT NULL DEFAULT 0,
    -- Failed attempts in the present state.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When the first of those failed.
    failing_since INTEGER,
    -- 1: a start found it, and has still to see what the chat shows of it. No step till then.
    awaits_read_back INTEGER NOT NULL DEFAULT 0 CHECK (awaits_read_back IN (0, 1)),

    CHECK (state <> 'submitting' OR (idempotency_key IS NOT NULL AND order_json IS NOT NULL)),
    CHECK (state NOT IN ('rendering', 'rendered', 'delivered') OR ticket_json IS NOT NULL),
    CHECK (state <> 'failed' OR failure IS NOT NULL),
    CHECK (state <> 'cancelled' OR cancelled_by IS NOT NULL),
    CHECK ((state IN ('delivered', 'notified')) = (ended_at IS NOT NULL))
) STRICT;

INSERT INTO new_jobs (
    id, interaction_id, guild_id, channel_id, member_id, message_id, application_id, token,
    token_until, upload_limit, provider, options_json, price_micro_usd, picture_url, role_ids,
    language, needs_review, state, idempotency_key, order_json, ticket_json, charge_micro_usd,
    failure, reference, may_be_billed, cancelled_by, cancel_reason, created_at, submitted_at,
    rendered_at, ended_at, removed_at, removed_by, due_at, claim, attempts, failing_since)
SELECT
    id, interaction_id, guild_id, channel_id, member_id, message_id, application_id, token,
    token_until, upload_limit, provider,
    json_object('prompt', prompt, 'negative_prompt', negative_prompt, 'seed', seed,
        'resolution', resolution, 'duration', duration),
    price_micro_usd, picture_url, role_ids, language, needs_review,
    CASE state WHEN 'refused' THEN 'failed' WHEN 'told' THEN 'notified' ELSE state END,
    idempotency_key, order_json, ticket_json, charge_micro_usd, failure, reference,
    may_be_billed, cancelled_by, cancel_reason, created_at, submitted_at, rendered_at, ended_at,
    removed_at, removed_by, due_at, claim, attempts, failing_since
FROM jobs;

DROP TABLE jobs;
ALTER TABLE new_jobs RENAME TO jobs;

CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state NOT IN ('delivered', 'notified');
CREATE INDEX jobs_in_state ON jobs (state, id) WHERE state NOT IN ('delivered', 'notified');
CREATE INDEX jobs_of_member ON jobs (guild_id, member_id, id);
CREATE INDEX jobs_rendered ON jobs (provider, resolution, duration, rendered_at)
    WHERE rendered_at IS NOT NULL;
CREATE INDEX jobs_open_of_guild ON jobs (guild_id, member_id, state, due_at)
    WHERE state NOT IN ('delivered', 'notified');
CREATE INDEX jobs_of_guild ON jobs (guild_id, created_at);
CREATE INDEX jobs_of_message ON jobs (message_id);

CREATE TABLE new_reviews (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    verdict TEXT CHECK (verdict IN ('approved', 'rejected')),
    actor_id INTEGER,
    decided_at INTEGER,
    CHECK ((verdict IS NULL) = (actor_id IS NULL) AND (verdict IS NULL) = (decided_at IS NULL))
) STRICT;

INSERT INTO new_reviews
SELECT job_id, channel_id, message_id, asked_at,
    CASE verdict WHEN 'refused' THEN 'rejected' ELSE verdict END, actor_id, decided_at
FROM reviews;

DROP TABLE reviews;
ALTER TABLE new_reviews RENAME TO reviews;
CREATE INDEX reviews_of_message ON reviews (message_id);

-- AUTOINCREMENT: the id is in a button, and must not come to mean a later offer.
CREATE TABLE new_offers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    options_json TEXT NOT NULL,
    picture_url TEXT NOT NULL,
    picture_bytes INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (guild_id, member_id)
) STRICT;

INSERT INTO new_offers
SELECT id, guild_id, member_id,
    json_object('prompt', prompt, 'negative_prompt', negative_prompt, 'seed', seed),
    picture_url, picture_bytes, expires_at
FROM offers;

DROP TABLE offers;
ALTER TABLE new_offers RENAME TO offers;
CREATE INDEX offers_by_age ON offers (expires_at);
