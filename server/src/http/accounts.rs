//! `/accounts`: the companies leads work for.
//!
//! Accounts change through the same operations that workflows use, so what a person may do and what a step may do are
//! the same; every change is checked there.

use super::body::{Json, Path, Query};
use super::leads::NamedId;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::{App, Shared};
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use trunkline_engine::run::Performed;
use trunkline_leads::account::operation::{AccountOperation, Existing, KeepAccount, UpdateAccount};
use trunkline_leads::{By, Operation};
use trunkline_store::ports::{self, AccountQuery, AccountTimelineEntry, TimelineCursor};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(timeline))
}

/// Which accounts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountListQuery {
    /// Part of a name, a domain, a city or an id in another system.
    search: Option<String>,
    /// Only of this owner.
    owner: Option<Uuid>,
    /// Only named accounts (`true`) or only others (`false`).
    named: Option<bool>,
    /// Only with (`true`) or without (`false`) an open opportunity.
    open: Option<bool>,
    /// Only parts of this account.
    parent: Option<Uuid>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// A sale under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountOpportunity {
    /// What it is worth.
    pub amount: Option<f64>,
    /// How far it has come.
    pub stage: Option<String>,
    /// Since when it is open.
    pub since: Option<DateTime<Utc>>,
}

/// An account as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountSummary {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// Who looks after it.
    pub owner: Option<NamedId>,
    /// Region.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Industry.
    pub industry: Option<String>,
    /// People who work there.
    pub size: Option<u32>,
    /// Whether sales goes after it by name.
    pub is_named: bool,
    /// The sale under way.
    pub opportunity: Option<AccountOpportunity>,
    /// How many leads it has.
    pub leads: u64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountPage {
    /// By name.
    pub items: Vec<AccountSummary>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
    /// How many accounts fit the question, on all pages.
    pub total: u64,
}

/// A lead of an account, and why it is one.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountLead {
    /// Id.
    pub id: Uuid,
    /// The best name there is.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// The company as the lead wrote it.
    pub company: Option<String>,
    /// Stage.
    pub stage: String,
    /// Why it belongs to the account.
    pub reason: Option<String>,
    /// How sure that is, 0 to 1; `null` when nobody looked.
    pub confidence: Option<f64>,
    /// Whether a person decided it.
    pub is_confirmed: bool,
}

/// An account with its surroundings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Its domains.
    pub domains: Vec<String>,
    /// The accounts it is a part of, the nearest first.
    pub parents: Vec<NamedId>,
    /// Its parts.
    pub children: Vec<NamedId>,
    /// Who looks after it.
    pub owner: Option<NamedId>,
    /// Region.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Industry.
    pub industry: Option<String>,
    /// People who work there.
    pub size: Option<u32>,
    /// Whether sales goes after it by name.
    pub is_named: bool,
    /// The sale under way.
    pub opportunity: Option<AccountOpportunity>,
    /// Its ids in other systems.
    pub external_ids: BTreeMap<String, String>,
    /// The workspace's own fields.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub fields: Map<String, Value>,
    /// How many leads it has.
    pub lead_count: u64,
    /// Its newest leads, at most 200.
    pub leads: Vec<AccountLead>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An account to be created, or what is to be changed of one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// Values by name of the field: `name`, `aliases`, `domains`, `website`, `region`, `country`, `city`, `postal_code`,
    /// `street`, `industry`, `size`, `is_named`, `opportunity_amount`, `opportunity_stage`, `opportunity_since`,
    /// `external_ids`; any other name is an own field. `null` takes a value away.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Name, e-mail address or id of its owner; a blank text takes the owner away.
    #[serde(default)]
    pub owner: Option<String>,
    /// Id, domain or name of the account it is a part of; a blank text takes it out of its hierarchy.
    #[serde(default)]
    pub parent: Option<String>,
}

/// An account that was created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountChanged {
    /// Its id.
    pub id: Uuid,
    /// What happened, in a sentence.
    pub why: Option<String>,
}

/// List accounts
#[utoipa::path(get, path = "/accounts", tag = "accounts", operation_id = "listAccounts", params(AccountListQuery),
    responses((status = 200, body = AccountPage)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<AccountListQuery>,
) -> Result<axum::Json<AccountPage>> {
    let query = AccountQuery {
        search: query.search.filter(|text| !text.trim().is_empty()),
        owner: query.owner,
        is_named: query.named,
        is_open: query.open,
        parent: query.parent,
        after: query.cursor,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let page = app.store.customers.list(caller.workspace, query).await?;
    let items = page.items.into_iter().map(summary).collect();
    Ok(axum::Json(AccountPage { items, next: page.next, total: page.total }))
}

/// One account with its hierarchy and leads
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts", operation_id = "getAccount",
    params(("id" = Uuid, Path)), responses((status = 200, body = Account)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Account>> {
    let view = app.store.customers.get(caller.workspace, id).await?;
    let view = view.ok_or_else(|| problem::NOT_FOUND.because("there is no such account"))?;
    Ok(axum::Json(shown(view)))
}

/// Which part of a timeline to read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<String>,
    /// Most entries (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// Something that happened to an account or to one of its leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountEntry {
    /// Id of the entry on this timeline.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it is called.
    pub title: String,
    /// Why, when somebody said so.
    pub why: Option<String>,
    /// The lead it happened to; none when it happened to the account itself.
    pub lead: Option<NamedId>,
    /// What sort of thing, as on the timelines of leads; `account` when it happened to the account itself.
    pub kind: String,
    /// The value before; of an account by name of the field.
    #[schema(value_type = Option<Object>)]
    pub old: Value,
    /// The value since.
    #[schema(value_type = Option<Object>)]
    pub new: Value,
    /// The run that did it.
    pub run_id: Option<Uuid>,
    /// The person who did it.
    pub by: Option<String>,
}

/// A page of the timeline of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountEntries {
    /// The newest first.
    pub items: Vec<AccountEntry>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<String>,
}

/// What happened to an account and to its leads
///
/// Of an account with more than 1,000 leads those of the newest 1,000.
#[utoipa::path(get, path = "/accounts/{id}/timeline", tag = "accounts", operation_id = "getAccountTimeline",
    params(("id" = Uuid, Path), TimelineQuery), responses((status = 200, body = AccountEntries)))]
async fn timeline(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<TimelineQuery>,
) -> Result<axum::Json<AccountEntries>> {
    let cursor = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        None => TimelineCursor::default(),
        Some(text) => {
            let read = || {
                let (account, leads) = text.split_once('.')?;
                Some(TimelineCursor { account: account.parse().ok()?, leads: leads.parse().ok()? })
            };
            read().ok_or_else(|| problem::WRONG_PARAMETER.because("`cursor` must be what `next` said"))?
        }
    };
    if app.store.customers.get(caller.workspace, id).await?.is_none() {
        return Err(problem::NOT_FOUND.because("there is no such account"));
    }
    let page = app.store.customers.timeline(caller.workspace, id, cursor, query.limit.unwrap_or(50)).await?;
    Ok(axum::Json(AccountEntries {
        items: page.entries.into_iter().map(entry).collect(),
        next: page.next.map(|next| format!("{}.{}", next.account, next.leads)),
    }))
}

fn entry(entry: AccountTimelineEntry) -> AccountEntry {
    match entry {
        AccountTimelineEntry::OfAccount { id, activity } => AccountEntry {
            id: format!("account-{id}"),
            at: activity.at,
            title: activity.title,
            why: None,
            lead: None,
            kind: "account".into(),
            old: activity.old.into(),
            new: activity.new.into(),
            run_id: activity.run_id,
            by: activity.by.map(|by| by.name),
        },
        AccountTimelineEntry::OfLead { lead, entry } => AccountEntry {
            id: format!("lead-{}", entry.id),
            at: entry.activity.at,
            title: entry.activity.title,
            why: entry.activity.why,
            lead: Some(NamedId { id: entry.activity.lead_id, name: lead }),
            kind: entry.activity.kind.as_str().into(),
            old: entry.activity.old,
            new: entry.activity.new,
            run_id: entry.activity.run_id,
            by: entry.activity.by.map(|by| by.name),
        },
    }
}

/// Create an account
///
/// There must be none with this name, domain or external id.
#[utoipa::path(post, path = "/accounts", tag = "accounts", operation_id = "createAccount",
    request_body = AccountInput, responses((status = 201, body = AccountChanged)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<AccountInput>,
) -> Result<(StatusCode, axum::Json<AccountChanged>)> {
    let AccountInput { fields, owner, parent } = wanted;
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let keep = KeepAccount {
        fields,
        owner: filled(owner),
        parent: filled(parent),
        existing: Existing::Refuse,
        creates: true,
    };
    let done = perform_one(&app, &caller, AccountOperation::KeepAccount(keep)).await?;
    Ok((StatusCode::CREATED, axum::Json(changed(done)?)))
}

/// Change an account
///
/// Fields that are not named stay. Lists replace lists.
#[utoipa::path(patch, path = "/accounts/{id}", tag = "accounts", operation_id = "changeAccount",
    params(("id" = Uuid, Path)), request_body = AccountInput, responses((status = 200, body = AccountChanged)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<AccountInput>,
) -> Result<axum::Json<AccountChanged>> {
    let AccountInput { fields, owner, parent } = wanted;
    let update = UpdateAccount { account: id.to_string(), fields, owner, parent, clears: true };
    let done = perform_one(&app, &caller, AccountOperation::UpdateAccount(update)).await?;
    Ok(axum::Json(changed(done)?))
}

/// Delete an account
///
/// It must have neither leads nor parts.
#[utoipa::path(delete, path = "/accounts/{id}", tag = "accounts", operation_id = "deleteAccount",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    match app.store.customers.remove(caller.workspace, id).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(trunkline_store::Error::Conflict(what)) => {
            Err(problem::ACCOUNT_IN_USE.because(format!("there is {what}, so it cannot be deleted")))
        }
        Err(error) => Err(error.into()),
    }
}

/// The person behind a request, as timelines name them.
pub(super) fn by(caller: &Caller) -> By {
    By { id: caller.user.unwrap_or_default(), name: caller.name.clone() }
}

/// Performs operations on accounts, together.
pub(super) async fn perform(
    app: &App,
    caller: &Caller,
    operations: Vec<AccountOperation>,
) -> Result<Vec<std::result::Result<Performed, trunkline_engine::failure::Failure>>> {
    let operations = operations.into_iter().map(Operation::Account).collect();
    Ok(app.runner.perform_by_hand(caller.workspace, operations, by(caller)).await?)
}

async fn perform_one(app: &App, caller: &Caller, operation: AccountOperation) -> Result<Performed> {
    let done = perform(app, caller, vec![operation]).await?.pop();
    let done = done.ok_or_else(|| problem::INTERNAL.because("an operation has no outcome"))?;
    done.map_err(|failure| problem::Error::from_failure(&failure))
}

fn changed(done: Performed) -> Result<AccountChanged> {
    let id = done.output["account"]["id"].as_str().and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| problem::INTERNAL.because("an operation names no account"))?;
    Ok(AccountChanged { id, why: done.why })
}

fn opportunity(of: Option<trunkline_leads::account::Opportunity>) -> Option<AccountOpportunity> {
    of.map(|of| AccountOpportunity { amount: of.amount, stage: of.stage, since: of.since })
}

fn summary(row: ports::AccountRow) -> AccountSummary {
    let account = row.account;
    AccountSummary {
        id: account.id,
        name: account.name,
        domains: account.domains,
        owner: row.owner.map(NamedId::from),
        region: account.region,
        country: account.country,
        city: account.city,
        industry: account.industry,
        size: account.size,
        is_named: account.is_named,
        opportunity: opportunity(account.opportunity),
        leads: row.leads,
        updated_at: account.updated_at,
    }
}

fn shown(view: ports::AccountView) -> Account {
    let account = view.account;
    let leads = view.newest.into_iter().map(|(lead, found)| AccountLead {
        id: lead.id,
        name: lead.name(),
        reason: lead.account_reason,
        email: lead.email,
        company: lead.company,
        stage: lead.stage,
        confidence: found.as_ref().map(|found| f64::from(found.confidence) / 1_000.0),
        is_confirmed: found.is_some_and(|found| found.is_confirmed),
    });
    Account {
        id: account.id,
        name: account.name,
        aliases: account.aliases,
        domains: account.domains,
        parents: view.parents.into_iter().map(NamedId::from).collect(),
        children: view.children.into_iter().map(NamedId::from).collect(),
        owner: view.owner.map(NamedId::from),
        region: account.region,
        country: account.country,
        city: account.city,
        postal_code: account.postal_code,
        street: account.street,
        industry: account.industry,
        size: account.size,
        is_named: account.is_named,
        opportunity: opportunity(account.opportunity),
        external_ids: account.external_ids,
        fields: account.fields,
        lead_count: view.leads,
        leads: leads.collect(),
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}
