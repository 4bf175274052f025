-- Pictures are files of the data folder, named by their content, as long as an open job names them.
-- `save_picture` writes a file, for good, and returns its name: should this script not come to its
-- end, the pictures are still here, and the files are found again.
ALTER TABLE jobs ADD COLUMN picture_file TEXT;

UPDATE jobs SET picture_file = (SELECT save_picture(data) FROM stills WHERE job_id = jobs.id)
WHERE id IN (SELECT job_id FROM stills);

DROP TABLE stills;
