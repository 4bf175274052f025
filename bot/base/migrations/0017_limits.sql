-- Members and roles that have no limit. None of them has a row in `rules`.
CREATE TABLE exemptions (
    guild_id INTEGER NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('member', 'role')),
    target_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, scope, target_id)
) STRICT, WITHOUT ROWID;

-- Guilds where something was ordered or paid since their budgets were last held against the alerts.
CREATE TABLE budget_checks (guild_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER ledger_changes_budgets AFTER INSERT ON ledger
WHEN NEW.kind IN ('settle', 'refund', 'correction')
BEGIN
    INSERT INTO budget_checks SELECT NEW.guild_id WHERE true ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER order_changes_budgets AFTER UPDATE OF state ON jobs WHEN NEW.state = 'rendering'
BEGIN
    INSERT INTO budget_checks SELECT NEW.guild_id WHERE true ON CONFLICT DO NOTHING;
END;

-- Grants to a role, which each member who has it gets once, and grants that end. Others are in the
-- ledger alone.
CREATE TABLE grants (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('member', 'role')),
    target_id INTEGER NOT NULL,
    clips INTEGER NOT NULL CHECK (clips >= 0),
    micro_usd INTEGER NOT NULL CHECK (micro_usd >= 0),
    ends_at INTEGER,
    CHECK (scope = 'role' OR ends_at IS NOT NULL)
) STRICT;

CREATE INDEX grants_of_guild ON grants (guild_id);

-- What a job has taken from them and not given back. It was moved into the grants of its member in
-- the ledger, from which the job took it.
CREATE TABLE grant_draws (
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    grant_id INTEGER NOT NULL REFERENCES grants (id),
    member_id INTEGER NOT NULL,
    clips INTEGER NOT NULL CHECK (clips >= 0),
    micro_usd INTEGER NOT NULL CHECK (micro_usd >= 0),
    PRIMARY KEY (job_id, grant_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX grant_draws_of_member ON grant_draws (grant_id, member_id, clips, micro_usd);
