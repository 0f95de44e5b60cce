//! `/accounts/import`: accounts out of a table, looked at before anything is written.

use super::accounts::perform;
use super::body::Json;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::intake::csv::{self, Row};
use crate::rehearse::{Leads, Surroundings, Unperformed};
use axum::extract::State;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use trunkline_engine::run::Performed;
use trunkline_leads::Operation;
use trunkline_leads::account::operation::{AccountOperation, Existing, KeepAccount, UpdateAccount};
use utoipa::ToSchema;

/// Largest table in bytes.
const LARGEST: usize = 16 * 1024 * 1024;
/// Rows that are written together.
const TOGETHER: usize = 200;
/// Rows that are looked at before anything is written.
const LOOKED_AT: usize = 2_000;
/// Rows that are named with what is wrong with them.
const NAMED: usize = 200;
/// Values of a column that are shown.
const SAMPLES: usize = 3;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(import))
}

/// What to do with accounts that are there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExistingAccount {
    /// Leave them as they are.
    Leave,
    /// Fill what is empty.
    #[default]
    FillEmpty,
    /// Take the newer values.
    NewerWins,
}

/// A table of accounts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportAccounts {
    /// CSV with a header row; commas, semicolons or tabs (at most 16 MiB).
    pub text: String,
    /// The field each column goes to, by name of the column; a blank field leaves the column out. Guessed when absent.
    #[serde(default)]
    pub mapping: Option<BTreeMap<String, String>>,
    /// What to do with accounts that are there already.
    #[serde(default)]
    pub existing: ExistingAccount,
    /// Only say what would happen; of long tables, what would happen to the first 2,000 rows.
    #[serde(default)]
    pub dry: bool,
}

/// A column and where it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportColumn {
    /// Its name.
    pub name: String,
    /// The field it goes to; blank when it is left out.
    pub field: String,
    /// Its first values.
    pub samples: Vec<String>,
}

/// A row that cannot be taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProblem {
    /// Line of the table on which it starts.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

/// What an import did, or would do.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AccountImport {
    /// The columns.
    pub columns: Vec<ImportColumn>,
    /// All rows of the table.
    pub rows: u64,
    /// Rows that were looked at; fewer than all for long tables that are only looked at.
    pub looked_at: u64,
    /// Accounts that are new.
    pub created: u64,
    /// Accounts that change.
    pub changed: u64,
    /// Accounts that have all of it already.
    pub unchanged: u64,
    /// Rows that cannot be taken.
    pub failed: u64,
    /// The first 200 of them.
    pub problems: Vec<ImportProblem>,
}

/// Import accounts from a table
///
/// Each row is found by external id, domain or name, and created when it is new. Rows that cannot be taken do not stop
/// others. Importing the same table again changes nothing.
#[utoipa::path(post, path = "/accounts/import", tag = "accounts", operation_id = "importAccounts",
    request_body = ImportAccounts, responses((status = 200, body = AccountImport)))]
async fn import(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<ImportAccounts, LARGEST>,
) -> Result<axum::Json<AccountImport>> {
    let mut table = csv::open(wanted.text.as_bytes())
        .map_err(|error| problem::CSV_UNREADABLE.because(error.to_string()))?;
    let header = table.header().to_vec();
    let mut import = AccountImport::default();
    let mut rows = Vec::new();
    for row in &mut table {
        import.rows += 1;
        match row {
            Ok(row) => rows.push(row),
            Err(broken) => import.refuse(broken.line, broken.reason),
        }
    }
    import.columns = columns(&header, &rows, wanted.mapping.as_ref());
    if !import.columns.iter().any(|column| identifies(&column.field)) {
        if wanted.dry {
            return Ok(axum::Json(import));
        }
        return Err(
            problem::INVALID.because("no column goes to `name`, `domains`, `website` or an external id")
        );
    }
    let fields: Vec<String> = import.columns.iter().map(|column| column.field.clone()).collect();
    let existing = match wanted.existing {
        ExistingAccount::Leave => Existing::Leave,
        ExistingAccount::FillEmpty => Existing::FillEmpty,
        ExistingAccount::NewerWins => Existing::NewerWins,
    };
    if wanted.dry {
        rows.truncate(LOOKED_AT);
    }
    let mut target =
        if wanted.dry { Target::Rehearsed(Box::new(rehearsal(&app, &caller).await?)) } else { Target::Store };
    let mut parents = Vec::new();
    for piece in rows.chunks(TOGETHER) {
        let (lines, operations): (Vec<_>, Vec<_>) = piece
            .iter()
            .map(|row| asked(row, &fields, existing))
            .map(|asked| (asked.line_and_parent(), asked.keep))
            .unzip();
        let outcomes = target.perform(&app, &caller, operations).await?;
        for ((line, parent), outcome) in lines.into_iter().zip(outcomes) {
            import.looked_at += 1;
            match outcome {
                Ok(done) => {
                    import.count(&done);
                    let id = done.output["account"]["id"].as_str().map(str::to_owned);
                    parents.extend(id.zip(parent).map(|(id, parent)| (line, id, parent)));
                }
                Err(message) => import.refuse(line, message),
            }
        }
    }
    // Parents may stand below their parts, so hierarchies come last.
    for piece in parents.chunks(TOGETHER) {
        let put_under = |(_, id, parent): &(u64, String, String)| {
            AccountOperation::UpdateAccount(UpdateAccount {
                account: id.clone(),
                fields: Map::new(),
                owner: None,
                parent: Some(parent.clone()),
                clears: false,
            })
        };
        let outcomes = target.perform(&app, &caller, piece.iter().map(put_under).collect()).await?;
        for ((line, ..), outcome) in piece.iter().zip(outcomes) {
            if let Err(message) = outcome {
                import.refuse(*line, message);
            }
        }
    }
    Ok(axum::Json(import))
}

impl AccountImport {
    fn refuse(&mut self, line: u64, message: String) {
        self.failed += 1;
        if self.problems.len() < NAMED {
            self.problems.push(ImportProblem { line, message });
        }
    }

    fn count(&mut self, done: &Performed) {
        if done.output["created"] == Value::Bool(true) {
            self.created += 1;
        } else if done.written.is_empty() {
            self.unchanged += 1;
        } else {
            self.changed += 1;
        }
    }
}

/// Where operations go.
enum Target {
    Store,
    Rehearsed(Box<crate::rehearse::Ledger>),
}

impl Target {
    /// Performs operations; failures come as sentences.
    async fn perform(
        &mut self,
        app: &App,
        caller: &Caller,
        operations: Vec<AccountOperation>,
    ) -> Result<Vec<std::result::Result<Performed, String>>> {
        let ledger = match self {
            Self::Store => {
                let outcomes = perform(app, caller, operations).await?;
                let told = |outcome: std::result::Result<_, trunkline_engine::failure::Failure>| {
                    outcome.map_err(|failure| failure.message)
                };
                return Ok(outcomes.into_iter().map(told).collect());
            }
            Self::Rehearsed(ledger) => ledger,
        };
        let mut outcomes = Vec::with_capacity(operations.len());
        for operation in operations {
            let effect = Operation::Account(operation).effect();
            let outcome = ledger.perform(&effect, Utc::now(), "import", None).await;
            outcomes.push(outcome.map_err(|unperformed| match unperformed {
                Unperformed::Failed(failure) => failure.message,
                Unperformed::NotKnown(what) => what,
            }));
        }
        Ok(outcomes)
    }
}

async fn rehearsal(app: &App, caller: &Caller) -> Result<crate::rehearse::Ledger> {
    Ok(Surroundings::of(&app.store, caller.workspace).await?.ledger(Leads::Today))
}

/// What a row asks for.
struct Asked {
    line: u64,
    keep: AccountOperation,
    parent: Option<String>,
}

impl Asked {
    fn line_and_parent(&self) -> (u64, Option<String>) {
        (self.line, self.parent.clone())
    }
}

fn asked(row: &Row, fields: &[String], existing: Existing) -> Asked {
    let (mut values, mut ids) = (Map::new(), Map::new());
    let (mut owner, mut parent) = (None, None);
    for (field, cell) in fields.iter().zip(&row.cells) {
        let cell = cell.trim();
        if field.is_empty() || cell.is_empty() {
            continue;
        }
        match field.as_str() {
            "owner" => owner = Some(cell.to_owned()),
            "parent" => parent = Some(cell.to_owned()),
            _ => match field.strip_prefix("external_ids.") {
                Some(system) => drop(ids.insert(system.to_owned(), cell.into())),
                None => drop(values.insert(field.clone(), cell.into())),
            },
        }
    }
    if !ids.is_empty() {
        values.insert("external_ids".into(), ids.into());
    }
    let keep = KeepAccount { fields: values, owner, parent: None, existing, creates: true };
    Asked { line: row.line, keep: AccountOperation::KeepAccount(keep), parent }
}

fn identifies(field: &str) -> bool {
    matches!(field, "name" | "domains" | "website") || field.starts_with("external_ids.")
}

fn columns(header: &[String], rows: &[Row], mapping: Option<&BTreeMap<String, String>>) -> Vec<ImportColumn> {
    let mut taken: Vec<String> = Vec::new();
    let column = |(place, name): (usize, &String)| {
        let field = match mapping {
            Some(mapping) => mapping.get(name).map(|field| field.trim().to_owned()).unwrap_or_default(),
            None => guess(name)
                .filter(|field| !taken.iter().any(|other| other == field))
                .unwrap_or_default()
                .to_owned(),
        };
        taken.push(field.clone());
        let values = rows.iter().filter_map(|row| row.cells.get(place)).map(|cell| cell.trim());
        let samples = values.filter(|cell| !cell.is_empty()).take(SAMPLES).map(str::to_owned).collect();
        ImportColumn { name: name.clone(), field, samples }
    };
    header.iter().enumerate().map(column).collect()
}

/// The field that a column of this name goes to.
fn guess(column: &str) -> Option<&'static str> {
    let name: String = column.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    Some(match name.as_str() {
        "name" | "account" | "accountname" | "company" | "companyname" | "organisation" | "organization"
        | "firma" => "name",
        "domain" | "domains" | "emaildomain" | "companydomain" | "companydomainname" => "domains",
        "website" | "web" | "url" | "webseite" | "homepage" => "website",
        "alias" | "aliases" | "othernames" | "aka" => "aliases",
        "region" | "territory" | "salesregion" => "region",
        "country" | "billingcountry" | "countryregion" | "land" => "country",
        "city" | "billingcity" | "town" | "stadt" | "ort" => "city",
        "zip" | "zipcode" | "postalcode" | "postcode" | "billingzippostalcode" | "plz" => "postal_code",
        "street" | "address" | "billingstreet" | "streetaddress" => "street",
        "industry" | "branch" | "sector" | "branche" => "industry",
        "size" | "employees" | "numberofemployees" | "companysize" | "headcount" => "size",
        "named" | "isnamed" | "namedaccount" | "targetaccount" | "abm" => "is_named",
        "owner" | "accountowner" | "owneremail" | "companyowner" => "owner",
        "parent" | "parentaccount" | "parentcompany" | "ultimateparent" => "parent",
        "opportunityamount" | "openpipeline" | "pipeline" | "amount" => "opportunity_amount",
        "opportunitystage" | "dealstage" => "opportunity_stage",
        "id" | "accountid" | "recordid" | "companyid" | "externalid" => "external_ids.crm",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_guessed_once_each() {
        let header: Vec<String> = ["Account Name", "Company", "Website", "Shoe size"].map(Into::into).into();
        let row = Row { number: 1, line: 2, cells: ["Acme", "Acme", "acme.de", "43"].map(Into::into).into() };
        let fields: Vec<String> =
            columns(&header, &[row], None).into_iter().map(|column| column.field).collect();
        assert_eq!(fields, ["name", "", "website", ""]);
    }

    #[test]
    fn a_row_becomes_an_operation() {
        let fields: Vec<String> = ["name", "external_ids.crm", "owner", "parent", ""].map(Into::into).into();
        let cells = ["Acme", "42", "ana@example.com", "Globex", "x"].map(Into::into).into();
        let asked = asked(&Row { number: 1, line: 2, cells }, &fields, Existing::FillEmpty);
        let AccountOperation::KeepAccount(keep) = asked.keep else { panic!("not an account") };
        assert_eq!(
            Value::from(keep.fields),
            serde_json::json!({"name": "Acme", "external_ids": {"crm": "42"}})
        );
        assert_eq!(
            (keep.owner.as_deref(), asked.parent.as_deref()),
            (Some("ana@example.com"), Some("Globex"))
        );
    }
}
