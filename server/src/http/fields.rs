//! `/fields`: the workspace's own fields of leads. A field is in force as soon as it is made: there is no draft to forget.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_leads::definition;
use trunkline_leads::own_field::{self, Holds, MAX_OWN_FIELDS, OwnField};
use trunkline_leads::table::Column;
use trunkline_store::ports::{Drafted, NewDefinition, PublishDefinition, SaveDefinition};
use utoipa::ToSchema;
use uuid::Uuid;

/// Kinds of definitions that may name a field, and what people call one of them.
const NAMING: [(&str, &str); 9] = [
    (definition::SCORING, "scoring model"),
    (definition::LIFECYCLE, "lifecycle"),
    (definition::SEGMENT, "segment"),
    (definition::ROUTING, "routing table"),
    (definition::SLA, "service level"),
    (definition::VIEW, "view"),
    (definition::IMPORT_MAPPING, "import mapping"),
    (definition::WATERFALL, "enrichment"),
    (definition::IDENTITY, "duplicates"),
];

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(change, remove)).routes(routes!(uses))
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A day, or a moment.
    Date,
    /// Yes or no.
    YesNo,
    /// One of several choices.
    Choice,
    /// Any number of several choices.
    Choices,
}

/// An own field of leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadField {
    /// Id.
    pub id: Uuid,
    /// Technical name; it never changes.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What belongs in it.
    pub help: String,
    /// What it holds; it never changes.
    #[serde(rename = "type")]
    pub holds: FieldType,
    /// The choices, in their order.
    pub options: Vec<String>,
    /// Counts changes; send it back as `base_revision`.
    pub revision: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// All own fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadFieldList {
    /// By technical name.
    pub items: Vec<LeadField>,
}

/// A field to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLeadField {
    /// Technical name; made of the label when it is left out.
    #[serde(default)]
    pub name: Option<String>,
    /// What people call it.
    pub label: String,
    /// What belongs in it.
    #[serde(default)]
    pub help: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub holds: FieldType,
    /// The choices, in their order.
    #[serde(default)]
    pub options: Vec<String>,
}

/// A change of a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLeadField {
    /// The revision it was made on.
    pub base_revision: i64,
    /// What people call it.
    pub label: String,
    /// What belongs in it.
    #[serde(default)]
    pub help: String,
    /// The choices, in their order. Leads keep a choice that is taken away until somebody changes it.
    #[serde(default)]
    pub options: Vec<String>,
}

/// Where a field is in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadFieldUses {
    /// What goes by it.
    pub items: Vec<LeadFieldUse>,
}

/// Something that goes by a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadFieldUse {
    /// What it is, such as `segment` or `workflow`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
}

impl From<FieldType> for Holds {
    fn from(kind: FieldType) -> Self {
        match kind {
            FieldType::Text => Self::Text,
            FieldType::Number => Self::Number,
            FieldType::Date => Self::Date,
            FieldType::YesNo => Self::YesNo,
            FieldType::Choice => Self::Choice,
            FieldType::Choices => Self::Choices,
        }
    }
}

impl From<Holds> for FieldType {
    fn from(holds: Holds) -> Self {
        match holds {
            Holds::Text => Self::Text,
            Holds::Number => Self::Number,
            Holds::Date => Self::Date,
            Holds::YesNo => Self::YesNo,
            Holds::Choice => Self::Choice,
            Holds::Choices => Self::Choices,
        }
    }
}

/// List own fields of leads
#[utoipa::path(get, path = "/fields", tag = "rules", operation_id = "listLeadFields",
    responses((status = 200, body = LeadFieldList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<LeadFieldList>> {
    let all = app.store.definitions.list(caller.workspace, definition::FIELD.into()).await?;
    let items = all.into_iter().filter(|field| field.published.is_some()).filter_map(shown);
    Ok(axum::Json(LeadFieldList { items: items.collect() }))
}

/// Add an own field of leads
///
/// It is in force at once. Values that leads already have under its name stay as they are.
#[utoipa::path(post, path = "/fields", tag = "rules", operation_id = "createLeadField",
    request_body = CreateLeadField, responses((status = 201, body = LeadField)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateLeadField>,
) -> Result<(StatusCode, axum::Json<LeadField>)> {
    let known = app.store.definitions.list(caller.workspace, definition::FIELD.into()).await?;
    if known.len() >= MAX_OWN_FIELDS {
        let says = format!("there are {MAX_OWN_FIELDS} fields already, which is the most");
        return Err(problem::FIELD_UNFIT.because(says));
    }
    let name = match wanted.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => {
            let taken: Vec<&str> = known.iter().map(|field| field.name.as_str()).collect();
            let name = Column::key_of(&wanted.label, &taken);
            if OwnField::is_name(&name) { name } else { Column::key_of(&format!("own {name}"), &taken) }
        }
    };
    if !OwnField::is_name(&name) {
        return Err(problem::FIELD_UNFIT.because(format!(
            "\"{name}\" cannot be a technical name: use small letters, digits and underscores, a letter first, and no \
             name of a field that every lead has"
        )));
    }
    let field = OwnField {
        label: wanted.label.trim().to_owned(),
        help: wanted.help.trim().to_owned(),
        holds: wanted.holds.into(),
        options: trimmed(wanted.options),
    };
    let (id, draft) = (Uuid::now_v7(), checked(&field)?);
    let new = NewDefinition { id, kind: definition::FIELD.into(), name, draft, at: Utc::now() };
    app.store.definitions.create(caller.workspace, new).await?;
    put_in_force(&app, &caller, id, 1).await?;
    let made = found(&app, &caller, id).await?;
    Ok((StatusCode::CREATED, axum::Json(readable(made)?)))
}

/// Change the label, the help or the choices of a field
#[utoipa::path(put, path = "/fields/{id}", tag = "rules", operation_id = "changeLeadField",
    params(("id" = Uuid, Path)), request_body = ChangeLeadField, responses((status = 200, body = LeadField)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<ChangeLeadField>,
) -> Result<axum::Json<LeadField>> {
    let before = found(&app, &caller, id).await?;
    let holds = read(&before)?.holds;
    let field = OwnField {
        label: wanted.label.trim().to_owned(),
        help: wanted.help.trim().to_owned(),
        holds,
        options: trimmed(wanted.options),
    };
    let draft = checked(&field)?;
    let save =
        SaveDefinition { name: before.name, draft, base_revision: wanted.base_revision, at: Utc::now() };
    let revision = app.store.definitions.save(caller.workspace, id, save).await?;
    put_in_force(&app, &caller, id, revision).await?;
    Ok(axum::Json(readable(found(&app, &caller, id).await?)?))
}

/// Where a field is in use
#[utoipa::path(get, path = "/fields/{id}/uses", tag = "rules", operation_id = "listLeadFieldUses",
    params(("id" = Uuid, Path)), responses((status = 200, body = LeadFieldUses)))]
async fn uses(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<LeadFieldUses>> {
    let field = found(&app, &caller, id).await?;
    Ok(axum::Json(LeadFieldUses { items: used_by(&app, &caller, &field.name).await? }))
}

/// Remove an own field of leads
///
/// Only when nothing goes by it. Values that leads have under its name stay, as text of no type.
#[utoipa::path(delete, path = "/fields/{id}", tag = "rules", operation_id = "removeLeadField",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let field = found(&app, &caller, id).await?;
    let uses = used_by(&app, &caller, &field.name).await?;
    if !uses.is_empty() {
        let told: Vec<String> = uses.iter().map(|one| format!("the {} {}", one.kind, one.name)).collect();
        let says = format!("{} is used by {}", readable(field)?.label, told.join(", "));
        return Err(problem::FIELD_IN_USE.because(says));
    }
    app.store.definitions.remove(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn found(app: &Shared, caller: &Caller, id: Uuid) -> Result<Drafted> {
    let found = app.store.definitions.get(caller.workspace, id).await?;
    found
        .filter(|field| field.kind == definition::FIELD)
        .ok_or_else(|| problem::NOT_FOUND.because("there is no such field"))
}

async fn put_in_force(app: &Shared, caller: &Caller, id: Uuid, revision: i64) -> Result<()> {
    let (by, at) = (Some(caller.name.clone()), Utc::now());
    let publish = PublishDefinition { base_revision: revision, by, note: None, at };
    app.store.definitions.publish(caller.workspace, id, publish).await?;
    Ok(())
}

/// Everything that goes by the field `name`, rules first.
async fn used_by(app: &Shared, caller: &Caller, name: &str) -> Result<Vec<LeadFieldUse>> {
    let mut uses = Vec::new();
    for (kind, called) in NAMING {
        let in_force = app.store.definitions.published(caller.workspace, kind.into()).await?;
        for one in app.store.definitions.list(caller.workspace, kind.into()).await? {
            let published = in_force.iter().find(|other| other.id == one.id);
            let names = |document: &Value| own_field::is_mentioned(name, document);
            if names(&one.draft) || published.is_some_and(|published| names(published.document())) {
                uses.push(LeadFieldUse { kind: called.into(), id: one.id, name: one.name });
            }
        }
    }
    for summary in app.store.workflows.list(caller.workspace, None, Utc::now()).await? {
        let Some(workflow) = app.store.workflows.get(caller.workspace, summary.id).await? else { continue };
        let live = workflow.published.as_ref().map(|published| &published.document);
        let goes_by = |document| {
            let document = serde_json::to_value(document).unwrap_or_default();
            own_field::is_written_of(name, &document)
        };
        if std::iter::once(&workflow.draft).chain(live).any(goes_by) {
            uses.push(LeadFieldUse { kind: "workflow".into(), id: workflow.id, name: workflow.name });
        }
    }
    Ok(uses)
}

fn trimmed(options: Vec<String>) -> Vec<String> {
    options.into_iter().map(|option| option.trim().to_owned()).collect()
}

/// The document of a field, when nothing is wrong with it.
fn checked(field: &OwnField) -> Result<Value> {
    match field.problems().into_iter().next() {
        Some((_, what)) => Err(problem::FIELD_UNFIT.because(what)),
        None => Ok(json!(field)),
    }
}

fn read(field: &Drafted) -> Result<OwnField> {
    OwnField::deserialize(&field.draft).map_err(|_| problem::INTERNAL.plain())
}

fn readable(field: Drafted) -> Result<LeadField> {
    shown(field).ok_or_else(|| problem::INTERNAL.plain())
}

fn shown(drafted: Drafted) -> Option<LeadField> {
    let field = OwnField::deserialize(&drafted.draft).ok()?;
    Some(LeadField {
        id: drafted.id,
        name: drafted.name,
        label: field.label,
        help: field.help,
        holds: field.holds.into(),
        options: field.options,
        revision: drafted.revision,
        updated_at: drafted.updated_at,
    })
}
