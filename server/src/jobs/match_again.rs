//! Matching all leads to accounts again: what would change, or the change itself.
//!
//! The accounts are read into memory once; leads are walked from the newest to the oldest. What a person decided stays,
//! and a lead that has an account keeps it when the new look is less sure. A restart goes on where it was: the changes
//! before are made, and making them twice changes nothing.

use super::{Found, Halt, Work};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use trunkline_leads::account::operation::{AccountOperation, MatchAccount};
use trunkline_leads::definition::ACCOUNT_MATCHING;
use trunkline_leads::matching::{Index, Matching, Outcome, Probe, Traits, Verdict};
use trunkline_leads::{By, Lead, Operation};
use trunkline_store::ports::LeadQuery;
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// Leads that are looked at together.
const TOGETHER: u32 = 200;
/// Accounts that are read together.
const ACCOUNTS: u32 = 1_000;

/// What matching again does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatchAgainPlan {
    /// Whether it only says what would change.
    pub preview: bool,
    /// Who asked.
    pub by: By,
}

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The lead that was looked at last.
    before: Option<Uuid>,
    done: u64,
}

/// The settings of matching that are in force.
///
/// # Errors
/// The store's.
pub async fn settings(store: &Store, workspace: WorkspaceId) -> Result<Arc<Matching>, Error> {
    let published = store.definitions.published(workspace, ACCOUNT_MATCHING.into()).await?;
    Ok(published.first().and_then(|settings| settings.read().ok()).unwrap_or_default())
}

pub(super) async fn work(work: &mut Work, plan: MatchAgainPlan) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let settings = settings(&app.store, workspace).await?;
    let index = index(work, workspace).await?;
    let mut state: State = serde_json::from_value(work.job.progress.state.clone()).unwrap_or_default();
    work.go_on_after(state.done);
    let mut more = true;
    while more {
        work.may_go_on().await?;
        let query =
            LeadQuery { before: state.before.map(Into::into), limit: TOGETHER, ..LeadQuery::default() };
        let page = app.store.leads.list(workspace, query).await?;
        if work.job.progress.total.is_none() {
            work.expect(page.total + state.done);
        }
        more = page.next.is_some();
        let leads: Vec<Lead> = page.items.into_iter().map(|row| row.lead).collect();
        let ids = leads.iter().map(|lead| lead.id).collect();
        let found = app.store.customers.matches_of(workspace, ids).await?;
        let decided: HashSet<Uuid> =
            found.into_iter().filter(|found| found.is_confirmed).map(|found| found.lead_id).collect();
        let (mut operations, mut results) = (Vec::new(), Vec::new());
        for lead in &leads {
            state.done += 1;
            state.before = Some(lead.id);
            if decided.contains(&lead.id) {
                continue;
            }
            let verdict = index.judge(&Probe::new(&Traits::of(lead), &settings), &settings);
            let Some(group) = group(lead, &verdict) else { continue };
            let asked = MatchAccount { lead_id: lead.id, again: true };
            operations.push(Operation::Account(AccountOperation::MatchAccount(asked)));
            results.push((state.done, result(lead, &verdict, group, &index)));
        }
        if !plan.preview && !operations.is_empty() {
            app.runner.perform_by_hand(workspace, operations, plan.by.clone()).await?;
        }
        let now = serde_json::to_value(&state).unwrap_or(Value::Null);
        for (place, found) in results {
            work.go_on_after(place - 1);
            work.add(found, now.clone()).await?;
        }
        work.go_on_after(state.done);
        work.job.progress.state = now;
    }
    work.expect(state.done);
    Ok(())
}

/// All accounts of the workspace, read piece by piece.
async fn index(work: &mut Work, workspace: WorkspaceId) -> Result<Index, Halt> {
    let (mut index, mut after) = (Index::default(), None);
    loop {
        work.may_go_on().await?;
        let piece = work.app.store.customers.after(workspace, after, ACCOUNTS).await?;
        let Some(last) = piece.last() else { return Ok(index) };
        after = Some(last.account.id);
        piece.into_iter().for_each(|candidate| index.put(candidate));
    }
}

/// What changes for a lead; nothing when it stands as it would.
fn group(lead: &Lead, verdict: &Verdict) -> Option<&'static str> {
    let found = verdict.suggestions.first().map(|best| best.account_id);
    match (verdict.outcome, lead.account_id) {
        (Outcome::Matched, own) if own == found => None,
        (Outcome::Matched, None) => Some("matched"),
        (Outcome::Matched, Some(_)) => Some("moved"),
        (Outcome::Ambiguous, None) => Some("unsure"),
        (Outcome::Ambiguous | Outcome::None, _) => None,
    }
}

fn result(lead: &Lead, verdict: &Verdict, group: &'static str, index: &Index) -> Found {
    let best = verdict.suggestions.first();
    let own = lead.account_id.and_then(|id| index.get(id)).map(|account| account.name.clone());
    let looked_at: DateTime<Utc> = Utc::now();
    let detail = json!({
        "lead_id": lead.id,
        "from": own,
        "to": best.map(|best| &best.name),
        "account_id": best.map(|best| best.account_id),
        "confidence": best.map(|best| best.confidence),
        "reason": verdict.reason,
        "at": looked_at,
    });
    Found { run: None, subject: Some(lead.name()), group: group.into(), detail }
}
