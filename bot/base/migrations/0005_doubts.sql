-- Orders of which nobody knows whether the provider bills them: their servers keep them counted
-- until somebody settles it.

-- 'open' until then.
ALTER TABLE jobs ADD COLUMN doubt TEXT CHECK (doubt IN ('open', 'billed', 'not_billed'));
CREATE INDEX jobs_in_doubt ON jobs (id) WHERE doubt = 'open';

-- A correction makes what the server has paid for a closed job what it is found to be; it is the
-- server's alone. A CHECK cannot be changed in place, so the table is built anew.
CREATE TABLE new_ledger (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    job_id INTEGER REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'reserve', 'settle', 'refund', 'credit', 'correction', 'grant', 'reset')),
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    member_clips INTEGER NOT NULL,
    member_micro_usd INTEGER NOT NULL,
    grant_clips INTEGER NOT NULL,
    grant_micro_usd INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    counts_at INTEGER NOT NULL,
    entered_at INTEGER NOT NULL,
    CHECK ((kind IN ('grant', 'reset')) = (job_id IS NULL)),
    CHECK (kind NOT IN ('reserve', 'settle', 'refund') OR (
        clips = member_clips - grant_clips AND micro_usd = member_micro_usd - grant_micro_usd)),
    CHECK (kind IN ('reserve', 'settle', 'refund', 'correction') OR (clips = 0 AND micro_usd = 0)),
    CHECK (kind <> 'reserve' OR (clips > 0 AND micro_usd >= 0
        AND member_clips >= 0 AND member_micro_usd >= 0
        AND grant_clips <= 0 AND grant_micro_usd <= 0)),
    CHECK (kind <> 'refund' OR (clips < 0 AND micro_usd <= 0)),
    CHECK (kind <> 'settle' OR clips = 0),
    CHECK (kind <> 'credit' OR (member_clips <= 0 AND member_micro_usd <= 0
        AND grant_clips >= 0 AND grant_micro_usd >= 0)),
    CHECK (kind NOT IN ('grant', 'reset', 'correction') OR (
        member_clips = 0 AND member_micro_usd = 0)),
    CHECK (kind NOT IN ('reset', 'correction') OR (grant_clips = 0 AND grant_micro_usd = 0))
) STRICT;

INSERT INTO new_ledger SELECT * FROM ledger;

DROP TABLE ledger;
ALTER TABLE new_ledger RENAME TO ledger;

CREATE UNIQUE INDEX ledger_reserved_once ON ledger (job_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_closed_once ON ledger (job_id) WHERE kind IN ('settle', 'refund');
CREATE UNIQUE INDEX ledger_credited_once ON ledger (job_id) WHERE kind = 'credit';
CREATE INDEX ledger_corrections ON ledger (job_id, micro_usd) WHERE kind = 'correction';
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

-- Orders in doubt were refunded to the server too, and it may be billed for them: they count from
-- now on, in the window in which they were reserved.
UPDATE jobs SET doubt = 'open'
WHERE may_be_billed = 1 AND id IN (SELECT job_id FROM ledger WHERE kind = 'refund');

INSERT INTO ledger (
    guild_id, member_id, job_id, kind, clips, micro_usd, member_clips, member_micro_usd,
    grant_clips, grant_micro_usd, actor_id, counts_at, entered_at)
SELECT guild_id, member_id, job_id, 'correction', clips, micro_usd, 0, 0, 0, 0, 0, counts_at,
    (SELECT max(entered_at) FROM ledger)
FROM ledger
WHERE kind = 'reserve' AND job_id IN (SELECT id FROM jobs WHERE doubt = 'open');
