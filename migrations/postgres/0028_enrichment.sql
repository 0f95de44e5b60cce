-- Where the values of leads came from: which provider gave a value, when, and how far it is trusted. The value stands
-- beside it, so that a value that was changed since has no origin any more.
CREATE TABLE enrichment_provenance (
    workspace  BIGINT NOT NULL,
    lead       UUID   NOT NULL,
    field      TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    PRIMARY KEY (lead, field)
);

-- What providers answered, by what they were asked, also that they knew nothing: the same question is not paid for twice.
-- A question that is out at this moment stands here as well, so that two runs do not ask it at once.
CREATE TABLE enrichment_answer (
    workspace  BIGINT NOT NULL,
    question   TEXT   NOT NULL,
    lead       UUID   NOT NULL,
    keep_until BIGINT NOT NULL,
    record     TEXT   NOT NULL,
    PRIMARY KEY (workspace, question)
);
CREATE INDEX enrichment_answer_of_lead ON enrichment_answer (lead);
CREATE INDEX enrichment_answer_to_forget ON enrichment_answer (keep_until);

-- What providers have cost today and this month, and when each may be asked again. Written in the transaction that lets
-- a question leave, so that no two runs spend the same money.
CREATE TABLE enrichment_meter (
    workspace  BIGINT NOT NULL,
    waterfall  UUID   NOT NULL,
    provider   TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    PRIMARY KEY (waterfall, provider)
);
