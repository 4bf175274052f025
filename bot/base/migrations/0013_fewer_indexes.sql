-- Each index is one more page that a decision changes and writes.

-- Open jobs are few: by the state they are found in the index by their due time as well.
DROP INDEX jobs_in_state;
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (due_at, id, state) WHERE state NOT IN ('delivered', 'notified');

-- What members spent lately is asked of jobs that were sent alone.
DROP INDEX jobs_of_guild;
CREATE INDEX jobs_of_guild ON jobs (guild_id, created_at) WHERE submitted_at IS NOT NULL;
