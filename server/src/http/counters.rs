//! `/counters`: the numbers that workflows count with, as people look at them and set them.

use super::body::{Json, Query};
use super::problem::Result;
use super::routes::{Routes, routes};
use super::table_rows::perform;
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_leads::table::operation::SetCounter;
use trunkline_leads::table::{CounterKey, TableOperation};
use trunkline_store::ports::CounterQuery;
use utoipa::{IntoParams, ToSchema};

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list_counters, set_counter, remove_counter))
}

/// Which counters to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CounterListQuery {
    /// Text that occurs in the name or the key.
    search: Option<String>,
    /// Name of the last counter of the page before.
    after_name: Option<String>,
    /// Its key.
    after_key: Option<String>,
    /// Most counters (1 to 500; 100 when absent).
    limit: Option<u32>,
}

/// A counter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counter {
    /// Its name.
    pub name: String,
    /// What it counts for within that name; empty when it counts for one thing.
    pub key: String,
    /// How far it has counted.
    pub value: i64,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// A page of counters.
#[derive(Debug, Serialize, ToSchema)]
pub struct CounterList {
    /// By name and key.
    pub items: Vec<Counter>,
    /// Whether there are more.
    pub more: bool,
}

/// A counter as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCounterTo {
    /// Its name.
    pub name: String,
    /// What it counts for within that name.
    #[serde(default)]
    pub key: String,
    /// The value it gets.
    pub value: i64,
}

/// Names a counter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CounterName {
    /// Its name.
    name: String,
    /// What it counts for within that name.
    #[serde(default)]
    key: String,
}

/// List counters
#[utoipa::path(get, path = "/counters", tag = "tables", operation_id = "listCounters",
    params(CounterListQuery), responses((status = 200, body = CounterList)))]
async fn list_counters(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<CounterListQuery>,
) -> Result<axum::Json<CounterList>> {
    let after =
        query.after_name.map(|counter| CounterKey { counter, key: query.after_key.unwrap_or_default() });
    let query = CounterQuery { search: query.search, after, limit: query.limit.unwrap_or(100) };
    let page = app.store.tables.counters(caller.workspace, query).await?;
    let items = page.items.into_iter().map(|row| Counter {
        name: row.counter.counter,
        key: row.counter.key,
        value: row.value,
        updated_at: row.updated_at,
    });
    Ok(axum::Json(CounterList { items: items.collect(), more: page.next.is_some() }))
}

/// Set a counter
#[utoipa::path(put, path = "/counters", tag = "tables", operation_id = "setCounter",
    request_body = SetCounterTo, responses((status = 204)))]
async fn set_counter(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<SetCounterTo>,
) -> Result<StatusCode> {
    let SetCounterTo { name: counter, key, value: to } = wanted;
    perform(&app, &caller, TableOperation::SetCounter(SetCounter { counter, key, to })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forget a counter
#[utoipa::path(delete, path = "/counters", tag = "tables", operation_id = "deleteCounter",
    params(CounterName), responses((status = 204)))]
async fn remove_counter(
    State(app): State<Shared>,
    caller: Caller,
    Query(name): Query<CounterName>,
) -> Result<StatusCode> {
    let counter = CounterKey { counter: name.name, key: name.key };
    app.store.tables.remove_counter(caller.workspace, counter).await?;
    Ok(StatusCode::NO_CONTENT)
}
