-- A test of a provider is a job, too: its subject is the row of the provider.
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('run_step', 'test_provider'));
