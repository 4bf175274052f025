-- The later of when its member's account was made and when they joined, as Discord said when the clip
-- was asked for: whether they are a newcomer. NULL where an earlier version did not keep it.
ALTER TABLE jobs ADD COLUMN member_since INTEGER;
