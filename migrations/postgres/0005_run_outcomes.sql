-- The run list filtered by an outcome that is rare must not walk through millions of completed runs to find fifty.
-- A run that completes in its first turn is in neither index and pays for neither.
CREATE INDEX run_open ON run (id) WHERE finished_at IS NULL;
CREATE INDEX run_cancelled ON run (id) WHERE status = 'cancelled';
