-- Members and roles that have no limit. None of them has a row in `rules`.
CREATE TABLE exemptions (
    guild_id INTEGER NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('member', 'role')),
    target_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, scope, target_id)
) STRICT, WITHOUT ROWID;
