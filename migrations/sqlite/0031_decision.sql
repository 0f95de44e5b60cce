-- "What did this run assign, and why?" is asked of every run that routed a lead; without the index it reads all timelines.
CREATE INDEX activity_assigned_by_run ON activity (run) WHERE kind = 'assigned';
