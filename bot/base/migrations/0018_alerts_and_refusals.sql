-- Whose budget or ceiling was changed: what is used already may be most of it.
CREATE TRIGGER rule_changes_budgets AFTER INSERT ON rules WHEN NEW.scope = 'guild'
BEGIN
    INSERT INTO budget_checks SELECT NEW.guild_id WHERE true ON CONFLICT DO NOTHING;
END;
-- The ceiling is that of all guilds, also of the guild 0, which has no budgets.
CREATE TRIGGER ceiling_changes_budgets AFTER UPDATE OF own_ceiling, ceiling_micro_usd ON owner_state
BEGIN
    INSERT INTO budget_checks SELECT 0 WHERE true ON CONFLICT DO NOTHING;
END;

-- How often a picture was sent again and refused, when last, and by whom.
ALTER TABLE remembered_pictures ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE remembered_pictures ADD COLUMN last_refused_at INTEGER;
ALTER TABLE remembered_pictures ADD COLUMN last_member_id INTEGER;
