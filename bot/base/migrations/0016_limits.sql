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
