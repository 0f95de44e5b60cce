-- The order in which leads are listed unless another is asked for. Without it the index of another order was taken, for it
-- begins with the workspace as well, and a million leads were sorted for a page of fifty.
CREATE INDEX lead_newest ON lead (workspace, id);
