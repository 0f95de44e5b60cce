//! `/leads`, `/leads/columns` and `/leads/export`: which leads there are, page by page or as a file.

use super::body::Query;
use super::leads::NamedId;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::leads::{
    Export, Format, LeadColumn, LeadFilter, LeadSelection, LeadSort, UnusableFilter, read_place, write_place,
};
use crate::sheets;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use trunkline_store::ports::LeadQuery;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(columns)).routes(routes!(export))
}

/// Which leads to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeadListQuery {
    /// Beginnings of words of a name, e-mail address, company, phone number or external id.
    search: Option<String>,
    /// Only in this stage.
    stage: Option<String>,
    /// Only of this owner; `none` for leads that nobody owns.
    owner: Option<String>,
    /// Only on this list.
    list: Option<Uuid>,
    /// Only in the segment of this name.
    segment: Option<String>,
    /// Only those that this import was about.
    import: Option<Uuid>,
    /// Only of this account.
    account: Option<Uuid>,
    /// Only with this score or more.
    score_from: Option<i64>,
    /// Only with this score or less.
    score_to: Option<i64>,
    /// Only those that changed since then.
    updated_since: Option<DateTime<Utc>>,
    /// Only those for which this rule holds, as JSON; rules are built as those of segments.
    filter: Option<String>,
    /// In which order; the newest first when absent.
    #[param(inline)]
    sort: Option<LeadSort>,
    /// Names of columns, separated by commas, whose values each lead comes with.
    columns: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<String>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// A lead as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadSummary {
    /// Id.
    pub id: Uuid,
    /// The best name there is.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Stage.
    pub stage: String,
    /// Score.
    pub score: Option<i64>,
    /// Who owns it.
    pub owner: Option<NamedId>,
    /// Where it came from.
    pub source: Option<String>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// Values of the columns asked for, by name.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
}

/// A page of leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadPage {
    /// In the order asked for. With a rule that few leads fit there may be fewer than asked for, or none, and still a next
    /// page: each looks at a bounded number of leads.
    pub items: Vec<LeadSummary>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<String>,
    /// How many leads fit the question, on all pages, as far as they were counted.
    pub total: u64,
    /// Whether there may be more than `total`: of very many, only so many are counted.
    pub at_least: bool,
    /// How many leads were looked through for this page, one by one, where no index had the answer; otherwise 0. When
    /// there is a next page, the others were not looked at yet.
    pub looked_at: u64,
}

/// List leads
#[utoipa::path(get, path = "/leads", tag = "leads", operation_id = "listLeads", params(LeadListQuery),
    responses((status = 200, body = LeadPage)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<LeadListQuery>,
) -> Result<Json<LeadPage>> {
    let columns = LeadColumn::list(query.columns.as_deref().unwrap_or_default())
        .map_err(|error| problem::LEAD_FILTER.because(error.to_string()))?;
    let place = |cursor: &String| {
        read_place(cursor)
            .ok_or_else(|| problem::WRONG_PARAMETER.because("`cursor` is none of a page before"))
    };
    let before = query.cursor.as_ref().map(place).transpose()?;
    let (order, limit) = (query.sort.unwrap_or_default().into(), query.limit.unwrap_or(50).clamp(1, 200));
    let asked = query.filter()?.query(Utc::now()).map_err(unusable)?;
    let page = app.store.leads.list(caller.workspace, LeadQuery { order, before, limit, ..asked }).await?;
    let items = page.items.into_iter().map(|row| LeadSummary {
        values: columns.iter().map(|column| (column.name(), column.value(&row))).collect(),
        id: row.lead.id,
        name: row.lead.name(),
        email: row.lead.email,
        company: row.lead.company,
        stage: row.lead.stage,
        score: row.lead.score,
        owner: row.owner.map(NamedId::from),
        source: row.lead.source,
        updated_at: row.lead.updated_at,
        created_at: row.lead.created_at,
    });
    let (items, next) = (items.collect(), page.next.map(write_place));
    Ok(Json(LeadPage { items, next, total: page.total, at_least: page.at_least, looked_at: page.passed }))
}

impl LeadListQuery {
    fn filter(&self) -> Result<LeadFilter> {
        let rule =
            match self.filter.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                None => None,
                Some(text) => Some(serde_json::from_str(text).map_err(|error| {
                    problem::LEAD_FILTER.because(format!("the filter is not JSON: {error}"))
                })?),
            };
        Ok(LeadFilter {
            search: self.search.clone(),
            stage: self.stage.clone(),
            owner: self.owner.clone(),
            list: self.list,
            segment: self.segment.clone(),
            account: self.account,
            import: self.import,
            score_from: self.score_from,
            score_to: self.score_to,
            updated_since: self.updated_since,
            rule,
        })
    }
}

/// A filter that cannot be used, as the caller reads it.
#[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(super) fn unusable(error: UnusableFilter) -> problem::Error {
    match error {
        UnusableFilter::Owner => problem::WRONG_PARAMETER.because(error.to_string()),
        _ => problem::LEAD_FILTER.because(error.to_string()),
    }
}

/// A column that lists and exports can show.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadColumnInfo {
    /// Its name.
    pub name: String,
    /// What people read above it.
    pub label: String,
}

/// All columns.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadColumnList {
    /// In the order people think of them, own fields last.
    pub items: Vec<LeadColumnInfo>,
}

/// Columns that lists and exports can show
#[utoipa::path(get, path = "/leads/columns", tag = "leads", operation_id = "listLeadColumns",
    responses((status = 200, body = LeadColumnList)))]
async fn columns(State(app): State<Shared>, caller: Caller) -> Result<Json<LeadColumnList>> {
    let rules = app.store.rules(caller.workspace).await?;
    let own = rules.own_fields();
    let info = |column: LeadColumn| LeadColumnInfo { name: column.name(), label: column.label(own) };
    let items = LeadColumn::all(own).into_iter().map(info).collect();
    Ok(Json(LeadColumnList { items }))
}

/// What goes out, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeadExportQuery {
    /// Beginnings of words of a name, e-mail address, company, phone number or external id.
    search: Option<String>,
    /// Only in this stage.
    stage: Option<String>,
    /// Only of this owner; `none` for leads that nobody owns.
    owner: Option<String>,
    /// Only on this list.
    list: Option<Uuid>,
    /// Only in the segment of this name.
    segment: Option<String>,
    /// Only those that this import was about.
    import: Option<Uuid>,
    /// Only those for which this rule holds, as JSON.
    filter: Option<String>,
    /// Only these leads, separated by commas; at most 1,000.
    leads: Option<String>,
    /// In which order; the newest first when absent.
    #[param(inline)]
    sort: Option<LeadSort>,
    /// Names of columns, separated by commas.
    columns: Option<String>,
    /// `csv` or `xlsx`.
    #[param(inline)]
    format: Option<Format>,
    /// What the file is called, without its ending.
    name: Option<String>,
}

/// Columns of an export that names none.
const COLUMNS: &str =
    "name,email,phone,company,job_title,country,stage,score,owner,source,created_at,updated_at";

/// Give leads out as a file
///
/// The file is made while it is read. No text in it is taken for a formula by a spreadsheet.
#[utoipa::path(get, path = "/leads/export", tag = "leads", operation_id = "exportLeads", params(LeadExportQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn export(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<LeadExportQuery>,
) -> Result<Response> {
    let columns = LeadColumn::list(query.columns.as_deref().unwrap_or(COLUMNS))
        .map_err(|error| problem::LEAD_FILTER.because(error.to_string()))?;
    if columns.is_empty() {
        return Err(problem::LEAD_FILTER.because("choose at least one column"));
    }
    let ids: Option<Vec<Uuid>> = query
        .leads
        .as_deref()
        .map(|ids| ids.split(',').map(|id| id.trim().parse()).collect())
        .transpose()
        .map_err(|_| problem::WRONG_PARAMETER.because("`leads` must be ids, separated by commas"))?;
    let (format, name) = (query.format.unwrap_or_default(), query.name.clone().unwrap_or_default());
    let order = query.sort.unwrap_or_default().into();
    let selection = match ids {
        Some(leads) => LeadSelection { leads, filter: None },
        None => LeadSelection { leads: Vec::new(), filter: Some(LeadListQuery::from(query).filter()?) },
    };
    let asked = selection.query(Utc::now()).map_err(unusable)?;
    let rules = app.store.rules(caller.workspace).await?;
    let export = Export {
        workspace: caller.workspace,
        query: LeadQuery { order, ..asked },
        columns,
        own: rules.own_fields().clone(),
        format,
    };
    let mut response = Response::new(export.body(Arc::clone(&app)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    let file = format!("attachment; filename=\"{}.{}\"", sheets::file_name(&name), format.ending());
    let disposition = HeaderValue::try_from(file).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

impl From<LeadExportQuery> for LeadListQuery {
    fn from(query: LeadExportQuery) -> Self {
        let LeadExportQuery { search, stage, owner, list, segment, import, filter, .. } = query;
        Self { search, stage, owner, list, segment, import, filter, ..Self::default() }
    }
}
