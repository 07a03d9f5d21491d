ALTER TABLE jobs DROP COLUMN hand_backs;
ALTER TABLE steps DROP CONSTRAINT amount_of_a_wait, DROP COLUMN wait_amount;
DROP INDEX step_calls_reserved;
ALTER TABLE step_calls
    DROP CONSTRAINT reserved_on_a_day, DROP CONSTRAINT reserved_until_answered,
    DROP COLUMN reserved, DROP COLUMN reserved_tokens, DROP COLUMN reserved_day,
    DROP COLUMN provider, DROP COLUMN model, DROP COLUMN fallback_from, DROP COLUMN price_version;
DROP TABLE installation_spending;
ALTER TABLE user_days DROP COLUMN spent, DROP COLUMN reserved;
ALTER TABLE tasks DROP COLUMN reserved_tokens;
