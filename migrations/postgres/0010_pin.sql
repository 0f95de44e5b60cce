-- What a workflow did with an event, kept to be compared with what it would do now. It outlives its run.
CREATE TABLE pin (
    id           UUID   PRIMARY KEY,
    workspace    BIGINT NOT NULL REFERENCES workspace (id),
    workflow     UUID   NOT NULL,
    run          UUID   NOT NULL,
    -- The lead the run was about; erasing it takes the pin along.
    lead         UUID,
    name         TEXT   NOT NULL,
    trigger_step TEXT   NOT NULL,
    output       TEXT   NOT NULL,
    expected     TEXT   NOT NULL,
    answers      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX pin_of_workflow ON pin (workflow, id);
CREATE INDEX pin_of_lead ON pin (lead) WHERE lead IS NOT NULL;
