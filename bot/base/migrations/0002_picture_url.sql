-- Where the original picture is, for wires that fetch it instead of taking its bytes.
ALTER TABLE jobs ADD COLUMN picture_url TEXT;
