-- The name of the file with a still of the clip, beside the pictures; NULL where none is kept.
ALTER TABLE jobs ADD COLUMN poster_file TEXT;

CREATE INDEX jobs_of_poster ON jobs (poster_file) WHERE poster_file IS NOT NULL;
