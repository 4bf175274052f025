-- Members who had their data deleted. The ledger keeps their number while limits may still count what
-- they used; `done` is 1 once all else is gone, which it is not while clips of theirs are in the making.
CREATE TABLE erasures (
    member_id INTEGER PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
) STRICT;

-- What providers are still to delete, without whose it was.
CREATE TABLE provider_erasures (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    trace TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;

CREATE INDEX provider_erasures_due ON provider_erasures (due_at);

-- An entry may lose whose it is, and nothing else.
DROP TRIGGER ledger_is_not_changed;
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
WHEN NEW.member_id <> 0
    OR (NEW.actor_id <> OLD.actor_id AND (NEW.actor_id <> 0 OR OLD.actor_id <> OLD.member_id))
    OR (NEW.id, NEW.guild_id, NEW.job_id, NEW.kind, NEW.clips, NEW.micro_usd, NEW.member_clips,
        NEW.member_micro_usd, NEW.grant_clips, NEW.grant_micro_usd, NEW.counts_at, NEW.entered_at)
    IS NOT (OLD.id, OLD.guild_id, OLD.job_id, OLD.kind, OLD.clips, OLD.micro_usd, OLD.member_clips,
        OLD.member_micro_usd, OLD.grant_clips, OLD.grant_micro_usd, OLD.counts_at, OLD.entered_at)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
