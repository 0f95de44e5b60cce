//! `/suppressions`: addresses that must not be written to, as people look them up, add and import them.

use super::body::{self, Json, Path, Query};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::csv;
use axum::extract::{Request, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_engine::kind::{Channel, Purpose, Recipient};
use trunkline_engine::run::Performed;
use trunkline_leads::By;
use trunkline_leads::suppression::{
    self, Address, AddressKind, Entry, Reason, Suppress, SuppressionOperation,
};
use trunkline_store::ports::SuppressionQuery;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Largest list in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// Entries of one transaction.
const TOGETHER: usize = 1_000;
/// Most problems that are told one by one.
const MOST_TOLD: usize = 100;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(check))
        .routes(routes!(import))
}

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuppressionListQuery {
    /// Part of an address.
    search: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most entries (1 to 500; 100 when absent).
    limit: Option<u32>,
}

/// Why somebody must not be written to.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// They opted out of marketing.
    #[default]
    OptedOut,
    /// Messages do not arrive.
    Bounced,
    /// They complained.
    Complained,
    /// They must not be contacted at all.
    DoNotContact,
}

impl From<Reason> for SuppressionReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::OptedOut => Self::OptedOut,
            Reason::Bounced => Self::Bounced,
            Reason::Complained => Self::Complained,
            Reason::DoNotContact => Self::DoNotContact,
        }
    }
}

impl From<SuppressionReason> for Reason {
    fn from(reason: SuppressionReason) -> Self {
        match reason {
            SuppressionReason::OptedOut => Self::OptedOut,
            SuppressionReason::Bounced => Self::Bounced,
            SuppressionReason::Complained => Self::Complained,
            SuppressionReason::DoNotContact => Self::DoNotContact,
        }
    }
}

/// What sort of address.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressedKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Every e-mail address within a domain.
    Domain,
}

/// An address that must not be written to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionEntry {
    /// Id.
    pub id: Uuid,
    /// What sort of address.
    pub kind: SuppressedKind,
    /// The address; empty when the data of its owner was erased. It is held back all the same.
    pub address: String,
    /// Why.
    pub reason: SuppressionReason,
    /// Where it comes from.
    pub source: String,
    /// The person who added it; `null` when a run did.
    pub by: Option<String>,
    /// The run that added it.
    pub run_id: Option<Uuid>,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl From<Entry> for SuppressionEntry {
    fn from(entry: Entry) -> Self {
        let Entry { id, address, reason, source, by, run_id, at } = entry;
        let kind = match address.kind {
            AddressKind::Email => SuppressedKind::Email,
            AddressKind::Phone => SuppressedKind::Phone,
            AddressKind::Domain => SuppressedKind::Domain,
        };
        Self { id, kind, address: address.value, reason: reason.into(), source, by, run_id, at }
    }
}

/// A page of entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionList {
    /// The newest first.
    pub items: Vec<SuppressionEntry>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
    /// How many entries fit the question, on all pages.
    pub total: u64,
}

/// An address that is not to be written to any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddSuppression {
    /// The e-mail address, telephone number or domain.
    pub address: String,
    /// Why.
    #[serde(default)]
    pub reason: SuppressionReason,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
}

/// What became of an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedSuppression {
    /// The address as it is compared.
    pub address: String,
    /// Whether it is new, or its reason is stronger than before.
    pub added: bool,
}

/// Whom a message would go to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuppressionQuestion {
    /// The e-mail address or telephone number.
    address: String,
}

/// Whether an address may be written to, with the evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionVerdict {
    /// The address as it is compared.
    pub address: String,
    /// Whether marketing may be sent.
    pub marketing: bool,
    /// Whether service messages may be sent.
    pub service: bool,
    /// What forbids it, in one sentence; missing when nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The entry that forbids it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<SuppressionEntry>,
    /// The lead that has refused consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<Uuid>,
}

/// Why the addresses of a list are not to be written to, where the list does not say.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuppressionImportQuery {
    /// The reason.
    #[serde(default)]
    #[param(inline)]
    reason: SuppressionReason,
    /// Where the list comes from.
    #[serde(default)]
    source: String,
}

/// What became of a list.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SuppressionImport {
    /// Addresses that are new, or whose reason is stronger now.
    pub added: u64,
    /// Addresses that were suppressed already.
    pub known: u64,
    /// Rows that hold no address.
    pub refused: u64,
    /// Why, for the first 100 of them.
    pub problems: Vec<SuppressionImportProblem>,
}

/// A row of a list that holds no address.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionImportProblem {
    /// Line of the file on which it begins.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl SuppressionImport {
    fn refuse(&mut self, line: u64, reason: String) {
        self.refused += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(SuppressionImportProblem { line, reason });
        }
    }
}

/// List addresses that must not be written to
#[utoipa::path(get, path = "/suppressions", tag = "suppression", operation_id = "listSuppressions",
    params(SuppressionListQuery), responses((status = 200, body = SuppressionList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<SuppressionListQuery>,
) -> Result<axum::Json<SuppressionList>> {
    let limit = query.limit.unwrap_or(100);
    let query = SuppressionQuery { search: query.search, before: query.cursor, limit };
    let page = app.store.suppressions.list(caller.workspace, query).await?;
    let items = page.items.into_iter().map(SuppressionEntry::from).collect();
    Ok(axum::Json(SuppressionList { items, next: page.next, total: page.total }))
}

fn by(caller: &Caller) -> By {
    By { id: caller.user.unwrap_or_default(), name: caller.name.clone() }
}

/// Suppress an address
#[utoipa::path(post, path = "/suppressions", tag = "suppression", operation_id = "addSuppression",
    request_body = AddSuppression, responses((status = 200, body = AddedSuppression)))]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<AddSuppression>,
) -> Result<axum::Json<AddedSuppression>> {
    let AddSuppression { address, reason, source } = wanted;
    let operation = SuppressionOperation::Suppress(Suppress { address, reason: reason.into(), source });
    let done = app.store.suppressions.perform(caller.workspace, vec![operation], by(&caller)).await?;
    let first = done.into_iter().next().ok_or_else(|| problem::INTERNAL.plain())?;
    let Performed { output, .. } = first.map_err(|failure| Error::from_failure(&failure))?;
    let address = output["address"].as_str().unwrap_or_default().to_owned();
    Ok(axum::Json(AddedSuppression { address, added: output["added"] == true }))
}

/// Take an entry away
///
/// The address may be written to again, unless a lead with it has refused consent.
#[utoipa::path(delete, path = "/suppressions/{id}", tag = "suppression", operation_id = "removeSuppression",
    params(("id" = Uuid, Path)), responses((status = 200, body = SuppressionEntry)))]
async fn remove(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<SuppressionEntry>> {
    let entry = app.store.suppressions.remove(caller.workspace, id).await?;
    tracing::info!(entry = %id, by = caller.name, "an address may be written to again");
    Ok(axum::Json(entry.into()))
}

/// Ask whether an address may be written to
#[utoipa::path(get, path = "/suppressions/check", tag = "suppression", operation_id = "checkSuppression",
    params(SuppressionQuestion), responses((status = 200, body = SuppressionVerdict)))]
async fn check(
    State(app): State<Shared>,
    caller: Caller,
    Query(question): Query<SuppressionQuestion>,
) -> Result<axum::Json<SuppressionVerdict>> {
    let address = question.address.trim().to_owned();
    let channel = if address.contains('@') { Channel::Email } else { Channel::Phone };
    let recipient = |purpose| Recipient { channel, address: address.clone(), purpose };
    let marketing = recipient(Purpose::Marketing);
    let asked = suppression::addresses_of(&marketing).map_err(|failure| Error::from_failure(&failure))?;
    let shown = asked.first().map(ToString::to_string).unwrap_or_default();
    let known = app.store.suppressions.find(caller.workspace, asked).await?;
    let refusal = suppression::judge(&marketing, &known);
    let service = suppression::judge(&recipient(Purpose::Service), &known).is_none();
    Ok(axum::Json(SuppressionVerdict {
        address: shown,
        marketing: refusal.is_none(),
        service,
        why: refusal.as_ref().map(suppression::Refusal::why),
        lead_id: refusal.as_ref().and_then(|refusal| refusal.lead),
        entry: refusal.and_then(|refusal| refusal.entry).map(SuppressionEntry::from),
    }))
}

/// Suppress a list of addresses from CSV
///
/// The first row names the columns: `address`, `email`, `phone` or `domain`, and where they are `reason` and `source`.
#[utoipa::path(post, path = "/suppressions/import", tag = "suppression", operation_id = "importSuppressions",
    params(SuppressionImportQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = SuppressionImport)))]
async fn import(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<SuppressionImportQuery>,
    request: Request,
) -> Result<axum::Json<SuppressionImport>> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, LARGEST).await?;
    let read = tokio::task::spawn_blocking(move || read(&bytes, &query)).await;
    let (rows, mut report) = read.map_err(|_| problem::INTERNAL.plain())??;
    let mut rows = rows.into_iter();
    loop {
        let piece: Vec<(u64, Suppress)> = rows.by_ref().take(TOGETHER).collect();
        if piece.is_empty() {
            return Ok(axum::Json(report));
        }
        let (lines, wanted): (Vec<u64>, Vec<Suppress>) = piece.into_iter().unzip();
        let operations = wanted.into_iter().map(SuppressionOperation::Suppress).collect();
        let done = app.store.suppressions.perform(caller.workspace, operations, by(&caller)).await?;
        for (line, result) in lines.into_iter().zip(done) {
            match result {
                Ok(done) if done.output["added"] == true => report.added += 1,
                Ok(_) => report.known += 1,
                Err(failure) => report.refuse(line, failure.message),
            }
        }
    }
}

type Rows = Vec<(u64, Suppress)>;

fn read(bytes: &[u8], query: &SuppressionImportQuery) -> Result<(Rows, SuppressionImport)> {
    let rows = csv::open(bytes).map_err(|error| problem::INVALID.because(error.to_string()))?;
    let names: Vec<String> = rows.header().iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let addresses: Vec<usize> =
        ["address", "email", "e-mail", "email address", "phone", "telephone", "domain"]
            .iter()
            .filter_map(|name| place(&[name]))
            .collect();
    if addresses.is_empty() {
        let why = "the first row names no column address, email, phone or domain";
        return Err(problem::INVALID.because(why));
    }
    let (reason, source) = (place(&["reason", "status", "type"]), place(&["source"]));
    let mut report = SuppressionImport::default();
    let mut wanted = Vec::new();
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(broken) => {
                report.refuse(broken.line, broken.reason);
                continue;
            }
        };
        let cell = |place: Option<usize>| place.and_then(|place| row.cells.get(place)).map(String::as_str);
        let found: Vec<&str> =
            addresses.iter().filter_map(|&place| cell(Some(place))).filter(|text| !text.is_empty()).collect();
        if found.is_empty() {
            report.refuse(row.line, "the row holds no address".into());
        }
        for address in found {
            let reason = cell(reason).and_then(Reason::read).unwrap_or(query.reason.into());
            let source = cell(source).filter(|text| !text.is_empty()).unwrap_or(&query.source);
            if Address::guess(address).is_none() {
                report.refuse(row.line, format!("\"{address}\" is no address, number or domain"));
                continue;
            }
            wanted.push((
                row.line,
                Suppress { address: address.to_owned(), reason, source: source.to_owned() },
            ));
        }
    }
    Ok((wanted, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_other_systems_are_read() {
        let query = SuppressionImportQuery { reason: SuppressionReason::OptedOut, source: "List".into() };
        let text = "E-mail;Phone;Status\nada@x.example;+4930123456;unsubscribed\nnobody;;spam\n;;\nben@x.example;;Spam\n";
        let (rows, report) = read(text.as_bytes(), &query).unwrap();
        let reasons: Vec<_> = rows.iter().map(|(_, row)| (row.address.as_str(), row.reason)).collect();
        assert_eq!(
            reasons,
            [
                ("ada@x.example", Reason::OptedOut),
                ("+4930123456", Reason::OptedOut),
                ("ben@x.example", Reason::Complained)
            ]
        );
        assert_eq!((report.refused, report.problems[0].line), (2, 3));
        assert!(read(b"name\nx\n", &query).is_err());
    }
}
