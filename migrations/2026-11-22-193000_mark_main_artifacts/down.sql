ALTER TABLE artifacts DROP COLUMN is_main;
