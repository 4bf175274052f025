-- Instants are milliseconds since 1970-01-01 UTC. Money is micro-USD.

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Requests that were acknowledged and are not yet decided: what a restart must apologise for.
CREATE TABLE intakes (
    interaction_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    application_id INTEGER NOT NULL,
    token TEXT NOT NULL,
    token_until INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
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
    prompt TEXT NOT NULL,
    negative_prompt TEXT NOT NULL,
    seed INTEGER NOT NULL,
    resolution TEXT NOT NULL,
    duration INTEGER NOT NULL,
    price_micro_usd INTEGER NOT NULL CHECK (price_micro_usd >= 0),

    state TEXT NOT NULL CHECK (state IN (
        'queued', 'submitting', 'rendering', 'rendered', 'delivered',
        'refused', 'cancelled', 'told')),
    idempotency_key TEXT UNIQUE,
    order_json TEXT,
    ticket_json TEXT,
    charge_micro_usd INTEGER CHECK (charge_micro_usd >= 0),
    failure TEXT,
    reference TEXT NOT NULL,

    created_at INTEGER NOT NULL,
    submitted_at INTEGER,
    rendered_at INTEGER,
    ended_at INTEGER,

    -- When the next step is due; while a step runs, when its lease ends.
    due_at INTEGER NOT NULL,
    -- Counts the claims: a step may move the job only under the claim it was given.
    claim INTEGER NOT NULL DEFAULT 0,
    -- Failed attempts in the present state.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When the first of those failed.
    failing_since INTEGER,

    CHECK (state <> 'submitting' OR (idempotency_key IS NOT NULL AND order_json IS NOT NULL)),
    CHECK (state NOT IN ('rendering', 'rendered', 'delivered') OR ticket_json IS NOT NULL),
    CHECK (state <> 'refused' OR failure IS NOT NULL),
    CHECK ((state IN ('delivered', 'told')) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state NOT IN ('delivered', 'told');
CREATE INDEX jobs_in_state ON jobs (state, id) WHERE state NOT IN ('delivered', 'told');
CREATE INDEX jobs_of_member ON jobs (guild_id, member_id, id);
CREATE INDEX jobs_rendered ON jobs (provider, resolution, duration, rendered_at)
    WHERE rendered_at IS NOT NULL;

-- The picture of a job that is not yet submitted; gone once Pika has it.
CREATE TABLE stills (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
    data BLOB NOT NULL
) STRICT;

-- What was spent is the sum of the entries. A settle corrects its reserve to the real
-- charge, a refund cancels it; both count in the window of the reserve (counts_at).
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    job_id INTEGER REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'refund', 'grant', 'reset')),
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    counts_at INTEGER NOT NULL,
    entered_at INTEGER NOT NULL,
    CHECK ((kind IN ('reserve', 'settle', 'refund')) = (job_id IS NOT NULL)),
    CHECK (kind <> 'reserve' OR (clips > 0 AND micro_usd >= 0)),
    CHECK (kind <> 'refund' OR (clips < 0 AND micro_usd <= 0)),
    CHECK (kind <> 'settle' OR clips = 0)
) STRICT;

CREATE UNIQUE INDEX ledger_reserved_once ON ledger (job_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_closed_once ON ledger (job_id) WHERE kind IN ('settle', 'refund');
CREATE INDEX ledger_of_member ON ledger (guild_id, member_id, counts_at, clips, micro_usd);
