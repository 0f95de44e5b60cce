//! `/syncs`: two-way sync of records of two apps, set up as a workflow of its own: a trigger on each side, one step that
//! brings both to agree, and a data table that remembers what belongs together.

use super::app_triggers::{TriggerLooks, shown_looks};
use super::body::{Json, Path};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::{documents, publishing, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_connectors::interpreter::filled;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::records::Records;
use trunkline_connectors::sync::plan::{FieldPair, Flow, Rule};
use trunkline_engine::document::Document;
use trunkline_engine::expression::{Datum, Dynamic, Scope};
use trunkline_engine::trigger::Trigger;
use trunkline_leads::table::operation::{FindRows, TableOperation};
use trunkline_leads::table::{Column, ColumnKind, Condition, Table, Test};
use utoipa::ToSchema;
use uuid::Uuid;

/// The step that both sides' triggers lead to.
const STEP: &str = "agree";
const LEFT: &str = "left";
const RIGHT: &str = "right";
/// Most pairs of a drift report.
const MOST_DRIFT: u32 = 500;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(drift))
}

/// One side of a sync.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncParty {
    /// The connection.
    pub connection: Uuid,
    /// The app's kind of records, such as `contact`.
    pub records: String,
    /// The field that a record is known by; the app's usual one when absent.
    #[serde(default)]
    pub known_by: String,
}

/// Whose changes go to the other side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncFlow {
    /// Those of both.
    #[default]
    Both,
    /// The left owns the field.
    ToRight,
    /// The right owns the field.
    ToLeft,
}

/// What holds when both sides have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncRule {
    /// What the record has that changed last.
    #[default]
    Newest,
    /// What the left has.
    LeftWins,
    /// What the right has.
    RightWins,
    /// Nothing is overwritten, ever: only what is empty is filled.
    NeverOverwrite,
}

/// A pair of fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncField {
    /// The field on the left.
    pub left: String,
    /// The field on the right.
    pub right: String,
    /// Whose changes flow.
    #[serde(default)]
    pub flow: SyncFlow,
    /// What holds when both have changed.
    #[serde(default)]
    pub rule: SyncRule,
}

/// What the first looks are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncBegin {
    /// Everything that is there.
    #[default]
    All,
    /// What happens from now on.
    Now,
}

/// Where a record is added that only one side has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncCreate {
    /// On both sides.
    #[default]
    Both,
    /// On the left only.
    Left,
    /// On the right only.
    Right,
    /// Nowhere.
    Nowhere,
}

/// A sync to be set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSync {
    /// What people call it.
    pub name: String,
    /// One side, usually the CRM.
    pub left: SyncParty,
    /// The other side.
    pub right: SyncParty,
    /// The fields that are kept in step.
    pub fields: Vec<SyncField>,
    /// Where a record is added that only one side has.
    #[serde(default)]
    pub create: SyncCreate,
    /// What the first looks are for.
    #[serde(default)]
    pub begin: SyncBegin,
    /// Seconds between looks; what the apps are usually asked with when absent.
    #[serde(default)]
    pub every_seconds: Option<u32>,
}

/// All syncs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncList {
    /// By name.
    pub items: Vec<Sync>,
}

/// A sync.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sync {
    /// Its workflow.
    pub workflow_id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
    pub active: bool,
    /// The table that remembers what belongs together.
    pub table_id: Option<Uuid>,
    /// The left.
    pub left: SyncSide,
    /// The right.
    pub right: SyncSide,
    /// Fields that are kept in step.
    pub fields: usize,
    /// Pairs of records that are known.
    pub pairs: u64,
    /// Runs that failed and are still in the history.
    pub failed_today: u64,
}

/// A side of a sync, as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncSide {
    /// The app.
    pub app: String,
    /// What the connection is called.
    pub connection: String,
    /// What its records are called.
    pub records: String,
    /// How far it has been read.
    pub looks: Option<TriggerLooks>,
}

/// Pairs that differ although they are kept in step.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftReport {
    /// Pairs that are known.
    pub pairs: u64,
    /// Pairs that differ.
    pub differing: u64,
    /// The first of them.
    pub items: Vec<Drift>,
}

/// A pair that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drift {
    /// The record on the left.
    pub left_id: String,
    /// The record on the right.
    pub right_id: String,
    /// What it is known by.
    pub known_by: String,
    /// Fields, by their names on the left.
    pub fields: Vec<DriftField>,
}

/// A field that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftField {
    /// Its name on the left.
    pub field: String,
    /// What the left has.
    pub left: Value,
    /// What the right has.
    pub right: Value,
}

/// One side, looked up.
struct Found {
    party: SyncParty,
    manifest: Arc<Manifest>,
}

impl Found {
    fn records(&self) -> &Records {
        &self.manifest.records[&self.party.records]
    }

    fn known_by(&self) -> &str {
        match self.party.known_by.trim() {
            "" => &self.records().known_by,
            given => given,
        }
    }
}

async fn found(app: &Shared, caller: &Caller, side: &str, party: SyncParty) -> Result<Found> {
    let row = app.store.connections.get(caller.workspace, party.connection).await?;
    let row = row.ok_or_else(|| problem::INVALID.because(format!("`{side}.connection` is no connection")))?;
    let manifest = app.apps.get(caller.workspace, &row.app);
    let manifest = manifest.filter(|manifest| manifest.records.contains_key(&party.records));
    let manifest = manifest.ok_or_else(|| {
        problem::INVALID
            .because(format!("{} has no records called {} that can be kept in step", row.app, party.records))
    })?;
    Ok(Found { party, manifest })
}

/// Set up a two-way sync
#[utoipa::path(post, path = "/syncs", tag = "connections", operation_id = "createSync",
    request_body = CreateSync, responses((status = 201, body = Sync)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateSync>,
) -> Result<(StatusCode, axum::Json<Sync>)> {
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(problem::INVALID.because("`name` must have 1 to 80 characters"));
    }
    if wanted.fields.is_empty() || wanted.fields.len() > 200 {
        return Err(problem::INVALID.because("`fields` must hold 1 to 200 pairs of fields"));
    }
    let left = found(&app, &caller, LEFT, wanted.left.clone()).await?;
    let right = found(&app, &caller, RIGHT, wanted.right.clone()).await?;
    let table = table_of(&name);
    let document = document(&name, &table.name, &left, &right, &wanted)?;
    let problems = documents::problems(&app.apps, caller.workspace, &document);
    if documents::has_errors(&problems) {
        return Err(problem::HAS_PROBLEMS.because("the sync cannot work like this").listing(problems));
    }
    workflows::storable(&document)?;
    let table_id = table.id;
    app.store.tables.create(caller.workspace, table).await?;
    let workflow = app.store.workflows.create(caller.workspace, Uuid::now_v7(), document).await?;
    let published = publishing::publish_now(&app, &caller, workflow.id, workflow.draft_revision, None).await;
    if let Err(error) = published {
        // Nothing of it is to be left behind.
        app.store.workflows.delete(caller.workspace, workflow.id).await?;
        app.store.tables.remove(caller.workspace, table_id).await?;
        return Err(error);
    }
    let all = all(&app, &caller).await?;
    let made = all.into_iter().find(|sync| sync.workflow_id == workflow.id);
    let made = made.ok_or_else(|| problem::NO_WORKFLOW.plain())?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}

fn table_of(name: &str) -> Table {
    let column = |key: &str, label: &str, kind| Column { key: key.into(), label: label.into(), kind };
    Table {
        id: Uuid::now_v7(),
        name: format!("{name} (pairs)"),
        columns: vec![
            column("left_id", "Left", ColumnKind::Text),
            column("right_id", "Right", ColumnKind::Text),
            column("known_by", "Known by", ColumnKind::Text),
            column("state", "State", ColumnKind::Text),
            column("differs", "Differs in", ColumnKind::Text),
            column("agreed", "Last agreed", ColumnKind::Json),
        ],
    }
}

fn document(name: &str, table: &str, left: &Found, right: &Found, wanted: &CreateSync) -> Result<Document> {
    let pair = |field: &SyncField| FieldPair {
        left: field.left.trim().to_owned(),
        right: field.right.trim().to_owned(),
        flow: match field.flow {
            SyncFlow::Both => Flow::Both,
            SyncFlow::ToRight => Flow::ToRight,
            SyncFlow::ToLeft => Flow::ToLeft,
        },
        rule: match field.rule {
            SyncRule::Newest => Rule::Newest,
            SyncRule::LeftWins => Rule::LeftWins,
            SyncRule::RightWins => Rule::RightWins,
            SyncRule::NeverOverwrite => Rule::NeverOverwrite,
        },
    };
    let fields: Vec<FieldPair> = wanted.fields.iter().map(pair).collect();
    let of_left: Vec<&str> = fields.iter().map(|pair| pair.left.as_str()).chain([left.known_by()]).collect();
    let of_right: Vec<&str> =
        fields.iter().map(|pair| pair.right.as_str()).chain([right.known_by()]).collect();
    let side = |found: &Found| {
        json!({
            "app": found.manifest.id, "records": found.party.records, "connection": found.party.connection,
            "known_by": found.party.known_by,
        })
    };
    let order = format!(
        "{{{{ ({} or {} or '')|string|lower }}}}",
        seen(left, left.known_by()),
        seen(right, right.known_by())
    );
    let retry = json!({ "times": 10, "wait_seconds": 5, "most_seconds": 3600 });
    let whole = json!({
        "format": 1,
        "name": name,
        "description": format!(
            "Keeps {} of {} and {} of {} in step.",
            left.records().title, left.manifest.name, right.records().title, right.manifest.name
        ),
        "steps": {
            LEFT: trigger(left, &of_left, wanted)?,
            RIGHT: trigger(right, &of_right, wanted)?,
            STEP: {
                "kind": "sync_records", "title": "Agree", "retry": retry, "timeout_seconds": 120,
                "config": {
                    "left": side(left), "right": side(right),
                    "left_record": "{{ steps.left }}", "right_record": "{{ steps.right }}",
                    "fields": fields, "create": wanted.create, "table": table,
                },
            },
        },
        "edges": [{ "from": LEFT, "to": STEP }, { "from": RIGHT, "to": STEP }],
        "layout": { LEFT: { "x": 0, "y": 0 }, RIGHT: { "x": 0, "y": 180 }, STEP: { "x": 360, "y": 90 } },
        // What is reported of one record is dealt with in its order, whichever side reports it.
        "settings": { "keep_days": 14, "order_by": { "key": order }, "priority": "low" },
    });
    serde_json::from_value(whole)
        .map_err(|error| problem::INVALID.because(format!("the sync cannot be written down: {error}")))
}

fn trigger(found: &Found, fields: &[&str], wanted: &CreateSync) -> Result<Value> {
    let records = found.records();
    let scope = Scope::of(Datum::new(json!({ "fields": fields })));
    let mut config = Map::new();
    config.insert("connection".into(), found.party.connection.to_string().into());
    config.insert("begin".into(), if wanted.begin == SyncBegin::All { "all" } else { "now" }.into());
    if let Some(every) = wanted.every_seconds {
        config.insert("every".into(), every.into());
    }
    for (name, value) in &records.trigger_input {
        let value = filled(value, &scope).map_err(|failure| Error::from_failure(&failure))?;
        if let Some(value) = value {
            config.insert(name.clone(), value);
        }
    }
    let title = format!("{} changed", found.manifest.name);
    Ok(json!({ "kind": found.manifest.kind_of(&records.trigger), "title": title, "config": config }))
}

/// How an expression reads the field of a record that a trigger reports.
fn seen(found: &Found, field: &str) -> String {
    let inside = match &found.records().values {
        Dynamic::Computed(expression) => {
            let source = expression.source().trim();
            source
                .strip_prefix("{{")
                .and_then(|rest| rest.strip_suffix("}}"))
                .map(|inner| inner.trim().to_owned())
        }
        _ => None,
    };
    let inside = inside.unwrap_or_else(|| "record".into());
    let inside = inside.strip_prefix("record").map_or(inside.clone(), |rest| format!("trigger{rest}"));
    format!("({inside})[{}]", Value::from(field))
}

/// List two-way syncs
#[utoipa::path(get, path = "/syncs", tag = "connections", operation_id = "listSyncs",
    responses((status = 200, body = SyncList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<SyncList>> {
    Ok(axum::Json(SyncList { items: all(&app, &caller).await? }))
}

async fn all(app: &Shared, caller: &Caller) -> Result<Vec<Sync>> {
    let since = chrono::Utc::now() - chrono::TimeDelta::days(1);
    let rows = app.store.workflows.list(caller.workspace, None, since).await?;
    let connections = app.store.connections.list(caller.workspace).await?;
    let tables = app.store.tables.list(caller.workspace).await?;
    let registry = app.apps.registry(caller.workspace);
    let mut syncs = Vec::new();
    for row in rows.into_iter().filter(|row| row.root_kinds.iter().any(|kind| kind == "sync_records")) {
        let Some(workflow) = app.store.workflows.get(caller.workspace, row.id).await? else { continue };
        let Some(config) = workflow.draft.steps.get(STEP).map(|step| step.config.clone()) else { continue };
        let looks = app.store.app_events.looks(vec![row.id]).await?;
        let side = |side: &str| {
            let given = &config[side];
            let id = given["connection"].as_str().unwrap_or_default();
            let connection = connections.iter().find(|row| row.id.to_string() == id);
            let manifest = app.apps.get(caller.workspace, given["app"].as_str().unwrap_or_default());
            let records =
                manifest.as_ref().and_then(|manifest| manifest.records.get(given["records"].as_str()?));
            let step = workflow.draft.steps.get(side);
            let compiled = step.and_then(|step| registry.get(&step.kind)?.compile(&step.config).ok());
            let rule = match compiled.and_then(|step| step.trigger()) {
                Some(Trigger::App(rule)) => Some(rule),
                _ => None,
            };
            let look = looks.iter().find(|look| look.step == side);
            SyncSide {
                app: manifest.as_ref().map_or_else(String::new, |manifest| manifest.name.clone()),
                connection: connection.map_or_else(|| "gone".to_owned(), |row| row.name.clone()),
                records: records.map_or_else(String::new, |records| records.title.clone()),
                looks: manifest.as_ref().zip(rule).map(|(manifest, rule)| shown_looks(manifest, &rule, look)),
            }
        };
        let table = tables.iter().find(|table| Some(table.table.name.as_str()) == config["table"].as_str());
        syncs.push(Sync {
            workflow_id: row.id,
            name: row.name,
            active: row.active,
            table_id: table.map(|table| table.table.id),
            left: side(LEFT),
            right: side(RIGHT),
            fields: config["fields"].as_array().map_or(0, Vec::len),
            pairs: table.map_or(0, |table| table.rows),
            failed_today: row.tally.failed,
        });
    }
    Ok(syncs)
}

/// Report pairs that differ
#[utoipa::path(get, path = "/syncs/{id}/drift", tag = "connections", operation_id = "getDrift",
    params(("id" = Uuid, Path)), responses((status = 200, body = DriftReport)))]
async fn drift(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<DriftReport>> {
    let workflow = workflows::find(&app, &caller, id).await?;
    let config = workflow.draft.steps.get(STEP).map(|step| step.config.clone());
    let config = config.ok_or_else(|| problem::NOT_FOUND.because("this workflow is no sync"))?;
    let table = config["table"].as_str().unwrap_or_default().to_owned();
    let tables = app.store.tables.list(caller.workspace).await?;
    let pairs = tables.iter().find(|row| row.table.name == table).map_or(0, |row| row.rows);
    let find = TableOperation::FindRows(FindRows {
        table,
        conditions: vec![Condition { column: "state".into(), test: Test::Equals, value: "differs".into() }],
        sort_by: None,
        descending: false,
        limit: MOST_DRIFT,
    });
    let output = app.store.tables.perform(caller.workspace, vec![find]).await?.remove(0);
    let output = output.map_err(|failure| Error::from_failure(&failure))?.output;
    let fields: Vec<SyncField> = serde_json::from_value(config["fields"].clone()).unwrap_or_default();
    let rows = output["rows"].as_array().cloned().unwrap_or_default();
    let items = rows.iter().map(|row| drift_of(row, &fields)).collect();
    let differing = output["count"].as_u64().unwrap_or_default();
    Ok(axum::Json(DriftReport { pairs, differing, items }))
}

fn drift_of(row: &Value, fields: &[SyncField]) -> Drift {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let differs = text("differs");
    let names = differs.split(", ").filter(|name| !name.is_empty());
    let field = |name: &str| {
        let right = fields.iter().find(|field| field.left == name).map_or(name, |field| field.right.as_str());
        DriftField {
            field: name.to_owned(),
            left: row["agreed"]["left"][name].clone(),
            right: row["agreed"]["right"][right].clone(),
        }
    };
    Drift {
        left_id: text("left_id"),
        right_id: text("right_id"),
        known_by: text("known_by"),
        fields: names.map(field).collect(),
    }
}
