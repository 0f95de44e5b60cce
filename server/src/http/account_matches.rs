//! `/account-matches`: leads that wait for a person to say which account they belong to, and what people decide.

use super::accounts::perform;
use super::body::{Json, Query};
use super::leads::NamedId;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use trunkline_leads::account::operation::{AccountOperation, Aside, SetAccount, SetAside};
use trunkline_leads::matching::{LeadMatch, MatchStatus, thousandths};
use trunkline_leads::{Account, Lead};
use trunkline_store::ports::MatchQuery;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most leads of one decision.
const MOST: usize = 500;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(summary)).routes(routes!(decide))
}

/// How a lead stands with its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountMatchStatus {
    /// It has one.
    Matched,
    /// A person has to choose.
    Ambiguous,
    /// No account fits.
    None,
    /// A person put it off.
    Later,
    /// A person said that it works for no company.
    NotACompany,
}

impl From<AccountMatchStatus> for MatchStatus {
    fn from(status: AccountMatchStatus) -> Self {
        match status {
            AccountMatchStatus::Matched => Self::Matched,
            AccountMatchStatus::Ambiguous => Self::Ambiguous,
            AccountMatchStatus::None => Self::None,
            AccountMatchStatus::Later => Self::Later,
            AccountMatchStatus::NotACompany => Self::NotACompany,
        }
    }
}

impl From<MatchStatus> for AccountMatchStatus {
    fn from(status: MatchStatus) -> Self {
        match status {
            MatchStatus::Matched => Self::Matched,
            MatchStatus::Ambiguous => Self::Ambiguous,
            MatchStatus::None => Self::None,
            MatchStatus::Later => Self::Later,
            MatchStatus::NotACompany => Self::NotACompany,
        }
    }
}

/// Which leads to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountMatchQuery {
    /// How they stand; `ambiguous` when absent.
    #[param(inline)]
    status: Option<AccountMatchStatus>,
    /// Part of what the lead is found by.
    search: Option<String>,
    /// Only those at least this sure, 0 to 1.
    from: Option<f64>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// Something that speaks for or against an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchEvidence {
    /// What it is about: `domain`, `name` or `address`.
    pub about: &'static str,
    /// What was found.
    pub text: String,
    /// Whether it speaks for the account.
    pub speaks_for: bool,
}

/// An account that may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchSuggestion {
    /// Id of the account.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// Its domains.
    pub domains: Vec<String>,
    /// Country.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Whether a sale is under way.
    pub is_open: bool,
    /// Whether sales goes after it by name.
    pub is_named: bool,
    /// What speaks for and against it.
    pub evidence: Vec<MatchEvidence>,
}

/// A lead beside the accounts it may belong to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountMatch {
    /// The lead.
    pub lead: NamedId,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its company, as it was written.
    pub company: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// How it stands.
    pub status: AccountMatchStatus,
    /// Why, in a sentence or two.
    pub reason: String,
    /// The accounts, the surest first.
    pub suggestions: Vec<MatchSuggestion>,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// A page of leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountMatchPage {
    /// The surest first.
    pub items: Vec<AccountMatch>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
    /// How many leads fit the question, on all pages.
    pub total: u64,
}

/// How many leads stand how.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AccountMatchCounts {
    /// With an account.
    pub matched: u64,
    /// That wait for a person.
    pub ambiguous: u64,
    /// That no account fits.
    pub none: u64,
    /// Put off.
    pub later: u64,
    /// That work for no company.
    pub not_a_company: u64,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Each lead belongs to the account named, or else to its first suggestion.
    Accept,
    /// It works for no company.
    NotACompany,
    /// Somebody looks at it later.
    Later,
    /// It goes back to those that wait, without an account.
    Back,
}

/// A lead, and the account that was chosen for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecidedLead {
    /// The lead.
    pub lead_id: Uuid,
    /// The account; the first suggestion when absent.
    #[serde(default)]
    pub account_id: Option<Uuid>,
}

/// What a person decides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideMatches {
    /// What.
    pub decision: Decision,
    /// For which leads (at most 500).
    #[serde(default)]
    pub leads: Vec<DecidedLead>,
    /// Instead of naming leads: all that wait and are at least this sure, 0 to 1; at most 500 at once.
    #[serde(default)]
    pub all_from: Option<f64>,
    /// Add the domain of the lead's address to the account.
    #[serde(default)]
    pub learn_domain: bool,
    /// Add the company's name to the account's other names.
    #[serde(default)]
    pub learn_name: bool,
}

/// A lead for which a decision could not be carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndecidedLead {
    /// The lead.
    pub lead_id: Uuid,
    /// Why not.
    pub message: String,
}

/// What came of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedMatches {
    /// The leads it was carried out for.
    pub done: Vec<Uuid>,
    /// Those it was not.
    pub failed: Vec<UndecidedLead>,
    /// Domains and names that were added to accounts.
    pub learned: Vec<String>,
}

/// List leads by how they stand with their accounts
#[utoipa::path(get, path = "/account-matches", tag = "accounts", operation_id = "listAccountMatches",
    params(AccountMatchQuery), responses((status = 200, body = AccountMatchPage)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<AccountMatchQuery>,
) -> Result<axum::Json<AccountMatchPage>> {
    let query = MatchQuery {
        status: query.status.unwrap_or(AccountMatchStatus::Ambiguous).into(),
        search: query.search.filter(|text| !text.trim().is_empty()),
        from: thousandths(query.from.unwrap_or(0.0)),
        after: query.cursor,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let page = app.store.customers.matches(caller.workspace, query).await?;
    let accounts: HashMap<Uuid, Arc<Account>> =
        page.accounts.into_iter().map(|account| (account.id, account)).collect();
    let items = page.items.into_iter().map(|(lead, found)| shown(lead, found, &accounts)).collect();
    Ok(axum::Json(AccountMatchPage { items, next: page.next, total: page.total }))
}

/// How many leads stand how with their accounts
#[utoipa::path(get, path = "/account-matches/summary", tag = "accounts", operation_id = "countAccountMatches",
    responses((status = 200, body = AccountMatchCounts)))]
async fn summary(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<AccountMatchCounts>> {
    let mut counts = AccountMatchCounts::default();
    for (status, count) in app.store.customers.match_counts(caller.workspace).await? {
        *match status {
            MatchStatus::Matched => &mut counts.matched,
            MatchStatus::Ambiguous => &mut counts.ambiguous,
            MatchStatus::None => &mut counts.none,
            MatchStatus::Later => &mut counts.later,
            MatchStatus::NotACompany => &mut counts.not_a_company,
        } = count;
    }
    Ok(axum::Json(counts))
}

/// Decide which accounts leads belong to
///
/// Leads that a person has decided about are left alone by workflows.
#[utoipa::path(post, path = "/account-matches/decide", tag = "accounts", operation_id = "decideAccountMatches",
    request_body = DecideMatches, responses((status = 200, body = DecidedMatches)))]
async fn decide(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<DecideMatches>,
) -> Result<axum::Json<DecidedMatches>> {
    let mut leads: Vec<(Uuid, Option<Uuid>)> =
        wanted.leads.iter().map(|lead| (lead.lead_id, lead.account_id)).collect();
    if let Some(from) = wanted.all_from {
        let query = MatchQuery {
            status: MatchStatus::Ambiguous,
            search: None,
            from: thousandths(from),
            after: None,
            limit: u32::try_from(MOST).unwrap_or(u32::MAX),
        };
        let page = app.store.customers.matches(caller.workspace, query).await?;
        leads.extend(page.items.into_iter().map(|(lead, _)| (lead.id, None)));
    }
    if leads.len() > MOST {
        return Err(problem::INVALID.because(format!("one decision is for at most {MOST} leads")));
    }
    let mut undecided = Vec::new();
    let mut decided = Vec::new();
    if wanted.decision == Decision::Accept {
        let ids = leads.iter().map(|(lead, _)| *lead).collect();
        let found = app.store.customers.matches_of(caller.workspace, ids).await?;
        let first: HashMap<Uuid, Uuid> = found
            .into_iter()
            .filter_map(|found| Some((found.lead_id, found.suggestions.first()?.account_id)))
            .collect();
        for (lead_id, account) in leads {
            match account.or_else(|| first.get(&lead_id).copied()) {
                Some(account) => decided.push((lead_id, Some(account))),
                None => {
                    let message = "No account is suggested for this lead; choose one.".to_owned();
                    undecided.push(UndecidedLead { lead_id, message });
                }
            }
        }
    } else {
        decided = leads;
    }
    let operations =
        decided.iter().map(|(lead_id, account)| operation(&wanted, *lead_id, *account)).collect();
    let outcomes = perform(&app, &caller, operations).await?;
    let mut answer = DecidedMatches { done: Vec::new(), failed: undecided, learned: Vec::new() };
    for ((lead_id, _), outcome) in decided.into_iter().zip(outcomes) {
        match outcome {
            Ok(done) => {
                answer.done.push(lead_id);
                let learned = done.output["learned"].as_array().into_iter().flatten();
                answer.learned.extend(learned.filter_map(|text| text.as_str().map(str::to_owned)));
            }
            Err(failure) => {
                answer.failed.push(UndecidedLead { lead_id, message: failure.message.to_string() });
            }
        }
    }
    Ok(axum::Json(answer))
}

fn operation(wanted: &DecideMatches, lead_id: Uuid, account_id: Option<Uuid>) -> AccountOperation {
    let aside = |how| AccountOperation::SetAside(SetAside { lead_id, how });
    match wanted.decision {
        Decision::Accept => AccountOperation::SetAccount(SetAccount {
            lead_id,
            account_id,
            learn_domain: wanted.learn_domain,
            learn_name: wanted.learn_name,
        }),
        Decision::NotACompany => aside(Aside::NotACompany),
        Decision::Later => aside(Aside::Later),
        Decision::Back => aside(Aside::Back),
    }
}

fn shown(lead: Lead, found: LeadMatch, accounts: &HashMap<Uuid, Arc<Account>>) -> AccountMatch {
    use trunkline_leads::matching::Witness;
    let suggestions = found.suggestions.into_iter().map(|suggestion| {
        let account = accounts.get(&suggestion.account_id);
        MatchSuggestion {
            id: suggestion.account_id,
            name: account.map_or(suggestion.name, |account| account.name.clone()),
            confidence: suggestion.confidence,
            domains: account.map(|account| account.domains.clone()).unwrap_or_default(),
            country: account.and_then(|account| account.country.clone()),
            city: account.and_then(|account| account.city.clone()),
            is_open: account.is_some_and(|account| account.opportunity.is_some()),
            is_named: account.is_some_and(|account| account.is_named),
            evidence: suggestion
                .evidence
                .into_iter()
                .map(|evidence| MatchEvidence {
                    about: match evidence.about {
                        Witness::Domain => "domain",
                        Witness::Name => "name",
                        Witness::Address => "address",
                    },
                    text: evidence.text,
                    speaks_for: evidence.speaks_for,
                })
                .collect(),
        }
    });
    AccountMatch {
        lead: NamedId { id: lead.id, name: lead.name() },
        suggestions: suggestions.collect(),
        email: lead.email,
        company: lead.company,
        website: lead.website,
        country: lead.country,
        city: lead.city,
        status: found.status.into(),
        reason: found.reason,
        at: found.at,
    }
}
