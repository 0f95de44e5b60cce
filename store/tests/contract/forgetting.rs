//! An erased person stands in no column of the database any more.
//!
//! Every column of text there is has to be in one of the lists below. Whoever adds one says here where it is erased, or
//! why it names nobody.

use crate::raw::Raw;
use crate::world::{Backend, Flow, HOME, chain, find, person};
use chrono::Utc;
use serde_json::json;
use std::collections::BTreeSet;
use trunkline_store::ports::Erase;
use uuid::Uuid;

/// As it was written, and in lower case.
const ADDRESS: &str = "Greta.Gone@example.com";

/// Columns that quote the person before, and must not afterwards.
const QUOTING: &str = "account.label account.record account.search account_activity.new_value \
    account_activity.old_value account_activity.title account_key.key account_match.record activity_key.key activity.detail app_event.output \
    app_look.position app_look.trouble \
    activity.new_value activity.old_value activity.title activity.why counter.key counter.name data_cell.value \
    data_row.record data_row.search data_table.layout definition.draft definition_version.document \
    definition_version.note duplicate_pair.reasons enrichment_answer.question enrichment_answer.record \
    enrichment_provenance.record file.name import.error import.found import.name import.preview \
    import.settings import_stretch.body job.error job.params job.state job.title job_item.detail job_item.subject lead.record \
    lead.search lead_event.output lead_key.value lead_merge.record lead_word.word letter.event pin.answers pin.expected \
    pin.name pin.output plugin_call.result plugin_state.key plugin_state.value pool.rules pool_adjustment.why run.journal sla_clock.record stage_stay.reason suppression.shown \
    suppression.source";

/// Columns of runs: a run about the person goes whole, another keeps nothing that names it, and one that has not ended
/// is in the way of erasing.
const OF_RUNS: &str = "journal.body run.error run.error_step run.event_key run.parent_key run.status run.subject \
    run.trigger_kind run_rule.burst run_rule.held run_rule.key run_rule.priority run_rule.space run_wait.event \
    run_wait.key run_wait.kind run_wait.what";

/// Columns that name people who work here, or whose texts are documents that runs go by and that the answer counts.
const OF_COLLEAGUES: &str = "account_activity.by_name activity.by_name api_token.name connection.account connection.name \
    connection.settings connector_import.body connector_import.source connector.origin data_table.name definition.name \
    definition_version.published_by duplicate_pair.decided_by erasure.by import.created_by job.created_by list.name \
    owner.email owner.name owner.work plugin.live plugin.pending pool.name pool_adjustment.by_name session.csrf suppression.added_by user.email \
    user.password_hash user.role workflow.draft workflow.name workflow_version.changes workflow_version.document \
    workflow_version.note workspace.name";

/// Columns of words and figures that the product chooses.
const OF_WORDS: &str = "account_activity.step account_match.status activity.channel activity.kind activity.step activity.touch \
    app_delivery.webhook app_event.step app_look.begin_at app_look.source app_look.step \
    connection.app connection.auth connection.calls_day connection.trouble \
    connector.name connector_edition.changes connector_edition.name connector_edition.version workflow_version.editions \
    data_cell.column_key definition.kind duplicate_pair.state enrichment_meter.provider \
      enrichment_meter.record enrichment_provenance.field erasure.counts erasure.proof file.kind hook_secret.step \
     import.source import.status job.kind job.status job_item.grouping lead.stage lead_event.step lead_key.kind \
     linkage_model.record pin.trigger_step plugin.approved plugin.limits plugin.name plugin_newest.name \
     plugin_newest.version plugin_state.workflow \
    pool_adjustment.change pool_member.tallies schedule.step segment_member.segment server_key.name sla_clock.kind \
    sla_clock.policy sla_clock.state stage.name stage_stay.next stage_stay.stage store_setting.name store_setting.value \
    suppression.kind suppression.reason tick.outcome tick.step";

fn listed(columns: &str) -> BTreeSet<String> {
    columns.split_whitespace().map(str::to_owned).collect()
}

pub(crate) async fn an_erased_person_stands_in_no_column(backend: &(impl Backend + Raw)) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let gone = flow
        .send(json!({"email": ADDRESS, "first_name": "Greta", "phone": "+4930123456"}))
        .await
        .state
        .lead
        .unwrap();
    let other = flow.send(person(1)).await.state.lead.unwrap();
    store.close().await.unwrap();
    backend.run(&quotes(backend, gone, other, flow.id)).await;

    let columns = backend.columns().await;
    let known: BTreeSet<String> =
        [QUOTING, OF_RUNS, OF_COLLEAGUES, OF_WORDS].into_iter().flat_map(listed).collect();
    let unknown: Vec<_> = columns.iter().filter(|column| !known.contains(*column)).collect();
    assert!(unknown.is_empty(), "say in this file, and in quotes.rs, what erasing does to {unknown:?}");
    let naming = |held: Vec<(String, String)>| -> BTreeSet<String> {
        let address = ADDRESS.to_lowercase();
        held.into_iter()
            .filter(|(_, text)| text.to_lowercase().contains(&address))
            .map(|(column, _)| column)
            .collect()
    };
    assert_eq!(naming(backend.held(&columns).await), listed(QUOTING), "what is said to quote does so");
    assert!(backend.holding(gone).await.iter().any(|column| column == "import_lead.lead"));

    let store = backend.open().await;
    let wish = Erase { id: Uuid::now_v7(), lead: gone, by: None, at: Utc::now(), salt: [7; 16] };
    let erased = store.erasures.erase(HOME, wish).await.unwrap();
    let count = |of: &str| erased.counts.iter().find(|(what, _)| what == of).map(|(_, count)| *count);
    assert_eq!(
        (count("data_row"), count("counter_naming"), count("import_lead")),
        (Some(1), Some(2), Some(1))
    );
    assert_eq!(
        (count("import_row"), count("import_shown"), count("lead_quoting")),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!((count("definition_quoting"), count("left_in_workflows")), (Some(1), Some(0)));
    let row = store.leads.get(HOME, other).await.unwrap().unwrap();
    assert_eq!(
        row.lead.company.as_deref(),
        Some("Example Ltd of [erased]"),
        "the rest of another lead stays"
    );
    let table = store.tables.list(HOME).await.unwrap().remove(0);
    assert_eq!(table.rows, 1, "the rows of others stay, and are counted");
    let import = store.imports.list(HOME, 1).await.unwrap().remove(0);
    assert_eq!((import.found["profile"][0]["samples"].clone(), import.preview), (json!([]), json!(null)));
    let kept = store.imports.counts(import.id).await.unwrap();
    assert_eq!(kept.created, 1, "how many rows were created does not change");
    store.close().await.unwrap();

    assert_eq!(naming(backend.held(&columns).await), BTreeSet::new());
    assert_eq!(backend.holding(gone).await, Vec::<String>::new());
}

/// Statements that make every column in [`QUOTING`] quote the person.
fn quotes(backend: &impl Raw, gone: Uuid, other: Uuid, workflow: Uuid) -> Vec<String> {
    let quote = ADDRESS.to_lowercase();
    let id = |n: u128| backend.id(Uuid::from_u128(n));
    let outcomes = json!([{"n": 1, "f": "created", "l": gone, "w": format!("{ADDRESS} is new")}]);
    let (gone, other, workflow) = (backend.id(gone), backend.id(other), backend.id(workflow));
    let (left, right) = if gone < other { (&gone, &other) } else { (&other, &gone) };
    let body = backend.bytes(&zstd::bulk::compress(outcomes.to_string().as_bytes(), 1).unwrap());
    let found = json!({"profile": [{"name": "email", "filled": 1, "samples": [ADDRESS]}],
        "broken_rows": [{"line": 2, "reason": "short", "text": format!("{ADDRESS} | Greta")}]});
    let digest = backend.bytes(&[1; 32]);
    vec![
        format!(
            "INSERT INTO account (id, workspace, label, is_named, is_open, created_at, updated_at, search, record) \
            VALUES ({}, 1, 'of {quote}', FALSE, FALSE, 1, 1, '{quote} and {quote}', '{{\"name\":\"{ADDRESS}\"}}')",
            id(1)
        ),
        format!(
            "INSERT INTO account_activity (workspace, account, at, title, old_value, new_value) \
            VALUES (1, {}, 1, 'Named by {ADDRESS}', '{{\"of\":\"{quote}\"}}', '{{\"of\":\"{ADDRESS}\"}}')",
            id(1)
        ),
        format!("INSERT INTO account_key (workspace, key, account) VALUES (1, 'word:{quote}', {})", id(1)),
        format!(
            "INSERT INTO account_match (lead, workspace, status, confidence, at, record) \
            VALUES ({gone}, 1, 'none', 0, 1, '{quote}')"
        ),
        format!(
            "UPDATE activity SET title = title || ' {ADDRESS}', why = '{quote} or {ADDRESS}', old_value = '\"{quote}\"', \
            new_value = '\"{ADDRESS}\"', detail = '{{\"of\":\"{quote}\"}}' WHERE lead = {other}"
        ),
        format!(
            "INSERT INTO activity_key (workspace, key, lead, at) VALUES (1, 'mail to {quote}', {other}, 1)"
        ),
        format!(
            "INSERT INTO plugin (id, workspace, name, enabled, approved, limits, revision, created_at, updated_at) \
            VALUES ({}, 1, 'p', FALSE, '{{}}', '{{}}', 1, 1, 1)",
            id(40)
        ),
        format!(
            "INSERT INTO plugin_state (plugin, workspace, workflow, key, value, updated_at) \
            VALUES ({}, 1, 'w', 'of {quote}', '{ADDRESS}', 1)",
            id(40)
        ),
        format!(
            "INSERT INTO plugin_call (plugin, workspace, key, result, at) VALUES ({}, 1, {digest}, '\"{ADDRESS}\"', 1)",
            id(40)
        ),
        format!(
            "INSERT INTO counter (workspace, name, key, value, updated_at) VALUES (1, 'Mails', '{ADDRESS}', 3, 1)"
        ),
        format!(
            "INSERT INTO counter (workspace, name, key, value, updated_at) VALUES (1, 'Of {quote}', '', 3, 1)"
        ),
        format!(
            "INSERT INTO data_table (id, workspace, name, layout, row_count, created_at, updated_at) \
            VALUES ({}, 1, 'People', '[{{\"key\":\"email\",\"label\":\"As {quote}\",\"kind\":\"text\"}}]', 2, 1, 1)",
            id(2)
        ),
        format!(
            "INSERT INTO data_row (id, data_table, search, record, created_at, updated_at) VALUES \
            ({}, {table}, '{quote}', '{{\"email\":\"{ADDRESS}\"}}', 1, 1), ({}, {table}, 'ben', '{{\"email\":\"ben\"}}', 1, 1)",
            id(3),
            id(4),
            table = id(2)
        ),
        format!(
            "INSERT INTO data_cell (data_table, column_key, value, row_id) VALUES ({}, 'email', '{quote}', {})",
            id(2),
            id(3)
        ),
        format!(
            "INSERT INTO definition (id, workspace, kind, name, draft, revision, published, created_at, updated_at) \
            VALUES ({}, 1, 'of_tests', 'Of one', '{{\"is\":\"{ADDRESS}\"}}', 1, 1, 1, 1)",
            id(5)
        ),
        format!(
            "INSERT INTO definition_version (definition, number, document, published_at, note) \
            VALUES ({}, 1, '{{\"is\":\"{ADDRESS}\"}}', 1, 'because of {quote}')",
            id(5)
        ),
        format!(
            "INSERT INTO duplicate_pair (id, workspace, left_lead, right_lead, probability, reasons, state, found_at) \
            VALUES ({}, 1, {left}, {right}, 1, '[\"{quote}\"]', 'waiting', 1)",
            id(6)
        ),
        format!(
            "INSERT INTO enrichment_answer (workspace, question, lead, keep_until, record) VALUES \
            (1, 'mail:{quote}', {other}, 1, '{{\"mail\":\"{ADDRESS}\"}}'), (1, 'mail:ben', {gone}, 1, '{{}}')"
        ),
        format!(
            "INSERT INTO enrichment_provenance (workspace, lead, field, record) VALUES \
            (1, {other}, 'email', '\"{quote}\"'), (1, {gone}, 'email', '\"{quote}\"')"
        ),
        format!(
            "INSERT INTO file (id, workspace, name, sha256, bytes, kind, created_at) \
            VALUES ({}, 1, '{ADDRESS}.csv', {digest}, 1, 'text/csv', 1)",
            id(7)
        ),
        format!(
            "INSERT INTO import (id, workspace, name, file, status, found, settings, preview, created_at, error) VALUES \
            ({}, 1, 'Of {quote}', {}, 'done', '{found}', '{{\"tag\":\"{quote}\"}}', '{{\"row\":\"{quote}\"}}', 1, 'at {quote}')",
            id(8),
            id(7)
        ),
        format!(
            "INSERT INTO import_stretch (import, first, created, updated, unchanged, duplicate, skipped, failed, body) \
            VALUES ({}, 1, 1, 0, 0, 0, 0, 0, {body})",
            id(8)
        ),
        format!("INSERT INTO import_lead (import, lead, at) VALUES ({}, {gone}, 1)", id(8)),
        format!(
            "INSERT INTO job (id, workspace, kind, title, params, status, state, created_at, finished_at, error) VALUES \
            ({}, 1, 'run_again', 'Of {quote}', '{{\"search\":\"{ADDRESS}\"}}', 'completed', '\"{quote}\"', 1, 2, '{quote}')",
            id(9)
        ),
        format!(
            "INSERT INTO job_item (job, seq, subject, grouping, detail) VALUES ({}, 1, '{quote}', 'same', '\"{quote}\"')",
            id(9)
        ),
        format!(
            "UPDATE lead SET search = search || ' {quote}', \
            record = replace(record, 'Example Ltd', 'Example Ltd of {ADDRESS}') WHERE id = {other}"
        ),
        format!(
            "INSERT INTO app_event (workspace, workflow, step, output, at) \
            VALUES (1, {workflow}, 'go', '{{\"by\":\"{ADDRESS}\"}}', 1)"
        ),
        format!(
            "INSERT INTO app_look (workflow, step, source, begin_at, revision, position, next_at, failures, trouble, \
            seen, started) VALUES ({workflow}, 'go', 's', '\"now\"', 1, '{{\"known\":{{\"{quote}\":1}}}}', 1, 0, \
            '{{\"message\":\"{ADDRESS}\"}}', 0, 0)"
        ),
        format!("INSERT INTO lead_word (workspace, word, lead) VALUES (1, '{quote}', {other})"),
        format!(
            "INSERT INTO lead_event (workspace, workflow, step, lead, output, at) \
            VALUES (1, {workflow}, 'go', {other}, '{{\"by\":\"{ADDRESS}\"}}', 1)"
        ),
        format!(
            "INSERT INTO lead_merge (id, workspace, survivor, merged, at, undone_at, record) \
            VALUES ({}, 1, {other}, {}, 1, 2, '{{\"note\":\"{quote}\"}}')",
            id(10),
            id(11)
        ),
        format!("INSERT INTO letter (run, event) VALUES ({}, '\"{quote}\"')", id(12)),
        format!(
            "INSERT INTO pin (id, workspace, workflow, run, name, trigger_step, output, expected, answers, created_at) \
            VALUES ({}, 1, {workflow}, {}, '{quote}', 'go', '\"{quote}\"', '\"{quote}\"', '\"{quote}\"', 1)",
            id(13),
            id(12)
        ),
        format!(
            "INSERT INTO owner (id, workspace, name, email, created_at) VALUES ({}, 1, 'Ana', 'ana@example.com', 1)",
            id(14)
        ),
        format!(
            "INSERT INTO pool (id, workspace, name, created_at, rules) VALUES ({}, 1, 'P', 1, '\"{quote}\"')",
            id(15)
        ),
        format!(
            "INSERT INTO pool_adjustment (id, workspace, pool, owner, at, by_name, why, change) \
            VALUES ({}, 1, {}, {}, 1, 'Ada', '{ADDRESS} asked for her', '{{}}')",
            id(16),
            id(15),
            id(14)
        ),
        format!(
            "INSERT INTO sla_clock (id, workspace, lead, owner, kind, policy, state, started_at, record) \
            VALUES ({}, 1, {gone}, {}, 'first_touch', 'Fast', 'met', 1, '{quote}')",
            id(17),
            id(14)
        ),
        format!(
            "INSERT INTO stage_stay (workspace, lead, stage, entered_at, left_at, next, recycled, reason) \
            VALUES (1, {other}, 'New', 1, 2, 'MQL', FALSE, 'as {ADDRESS} said')"
        ),
        format!(
            "INSERT INTO suppression (workspace, digest, id, kind, shown, reason, source, at) VALUES \
            (1, {}, {}, 'email', '{quote}', 'opted_out', 'a form', 1), (1, {}, {}, 'email', 'x@y.example', 'opted_out', 'told by {ADDRESS}', 1)",
            backend.bytes(&[2; 32]),
            id(18),
            backend.bytes(&[3; 32]),
            id(19)
        ),
    ]
}
