-- The artifact to look at first: its step says so. Without one it is the first path of the newest step.
ALTER TABLE artifacts ADD COLUMN is_main boolean NOT NULL DEFAULT false;
