-- What a decision reads takes as long after years as on the first day, and what it writes touches few
-- pages: each page that a transaction changes is checksummed and written, each index is one more.

-- Running totals in place of sums by time: all that counts at or before an instant. What was spent
-- since then is the difference of two rows, and thousands of rows between them are not read.
-- Only triggers write here.

-- What each guild has paid, by quarters of an hour (counts_at / 900000), which every time zone's
-- midnight falls on; guild 0 is all guilds together.
CREATE TABLE guild_totals (
    guild_id INTEGER NOT NULL,
    quarter_hour INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    PRIMARY KEY (guild_id, quarter_hour)
) STRICT, WITHOUT ROWID;

INSERT INTO guild_totals
SELECT guild_id, quarter_hour, sum(clips) OVER so_far, sum(micro_usd) OVER so_far
FROM spending
WINDOW so_far AS (PARTITION BY guild_id ORDER BY quarter_hour);

DROP TRIGGER ledger_is_summed_up;
DROP TABLE daily_spending;
DROP TABLE spending;

CREATE TRIGGER ledger_is_totalled_by_guild AFTER INSERT ON ledger
WHEN NEW.clips <> 0 OR NEW.micro_usd <> 0
BEGIN
    -- A row of this quarter of an hour goes on from the one before it.
    INSERT INTO guild_totals (guild_id, quarter_hour, clips, micro_usd)
    SELECT whose.guild_id, NEW.counts_at / 900000,
        coalesce(earlier.clips, 0), coalesce(earlier.micro_usd, 0)
    FROM (SELECT NEW.guild_id AS guild_id UNION ALL SELECT 0) AS whose
    LEFT JOIN guild_totals AS earlier ON earlier.guild_id = whose.guild_id
        AND earlier.quarter_hour = (
            SELECT max(quarter_hour) FROM guild_totals
            WHERE guild_totals.guild_id = whose.guild_id
                AND quarter_hour <= NEW.counts_at / 900000)
    WHERE true ON CONFLICT DO NOTHING;
    -- An entry may count before others that are there already, as that of a late settle does.
    UPDATE guild_totals SET clips = clips + NEW.clips, micro_usd = micro_usd + NEW.micro_usd
    WHERE guild_id IN (NEW.guild_id, 0) AND quarter_hour >= NEW.counts_at / 900000;
END;

-- Each member's side of the ledger, by the instants (counts_at) at which something counts; the last
-- row has the grants that are left.
CREATE TABLE member_totals (
    guild_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    counts_at INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    grant_clips INTEGER NOT NULL,
    grant_micro_usd INTEGER NOT NULL,
    PRIMARY KEY (guild_id, member_id, counts_at)
) STRICT, WITHOUT ROWID;

INSERT INTO member_totals
SELECT guild_id, member_id, counts_at, sum(sum(member_clips)) OVER so_far,
    sum(sum(member_micro_usd)) OVER so_far, sum(sum(grant_clips)) OVER so_far,
    sum(sum(grant_micro_usd)) OVER so_far
FROM ledger
WHERE member_clips <> 0 OR member_micro_usd <> 0 OR grant_clips <> 0 OR grant_micro_usd <> 0
GROUP BY guild_id, member_id, counts_at
WINDOW so_far AS (PARTITION BY guild_id, member_id ORDER BY counts_at);

CREATE TRIGGER ledger_is_totalled_by_member AFTER INSERT ON ledger
WHEN NEW.member_clips <> 0 OR NEW.member_micro_usd <> 0
    OR NEW.grant_clips <> 0 OR NEW.grant_micro_usd <> 0
BEGIN
    INSERT INTO member_totals (
        guild_id, member_id, counts_at, clips, micro_usd, grant_clips, grant_micro_usd)
    SELECT NEW.guild_id, NEW.member_id, NEW.counts_at,
        coalesce(earlier.clips, 0), coalesce(earlier.micro_usd, 0),
        coalesce(earlier.grant_clips, 0), coalesce(earlier.grant_micro_usd, 0)
    FROM (SELECT NEW.guild_id AS guild_id, NEW.member_id AS member_id) AS whose
    LEFT JOIN member_totals AS earlier ON earlier.guild_id = whose.guild_id
        AND earlier.member_id = whose.member_id
        AND earlier.counts_at = (
            SELECT max(counts_at) FROM member_totals
            WHERE guild_id = NEW.guild_id AND member_id = NEW.member_id
                AND counts_at <= NEW.counts_at)
    WHERE true ON CONFLICT DO NOTHING;
    UPDATE member_totals SET
        clips = clips + NEW.member_clips,
        micro_usd = micro_usd + NEW.member_micro_usd,
        grant_clips = grant_clips + NEW.grant_clips,
        grant_micro_usd = grant_micro_usd + NEW.grant_micro_usd
    WHERE guild_id = NEW.guild_id AND member_id = NEW.member_id AND counts_at >= NEW.counts_at;
END;

DROP INDEX ledger_of_member;

-- One index for both: a job's entries, and that only one of them is its reserve.
DROP INDEX ledger_reserved_once;
DROP INDEX ledger_of_job;
CREATE UNIQUE INDEX ledger_of_job ON ledger (job_id, CASE kind WHEN 'reserve' THEN 0 ELSE id END)
    WHERE job_id IS NOT NULL;

-- Of a member's jobs, those that ended without a clip are looked for; few come to that.
DROP INDEX jobs_of_member;
CREATE INDEX jobs_without_clip ON jobs (guild_id, member_id, id)
    WHERE state IN ('failed', 'cancelled', 'notified');
