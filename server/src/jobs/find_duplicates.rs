//! Looking through all leads for those that may be one person: pairs wait for somebody to decide, and what is certain
//! enough is merged when the settings say so. Where it is allowed to, it learns from what people answered before.
//!
//! Interrupted, it begins anew: a pair that is in the queue is not put there twice, and a merge is not done twice.

use super::{Found, Halt, Work};
use crate::leads::identity::{self, ChangedBy};
use chrono::{SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_leads::activity::By;
use trunkline_leads::linkage::{DuplicateSettings, Person, Reason, Scoring, Survey, Suspect};
use trunkline_leads::operation::{MergeLeads, Operation};
use trunkline_store::ports::{MAX_PAIRS_PUT, NewPair, PairQuery, PairState};
use uuid::Uuid;

/// Most leads that are looked through; memory is some 400 bytes for each.
const MOST_LEADS: u64 = 2_000_000;
/// Leads read at a time.
const PAGE: u32 = 2_000;
/// Candidates scored before somebody may stop the job.
const STRETCH: usize = 50_000;

/// Who merges and publishes what a search comes to.
const SEARCH: &str = "Search for duplicates";

/// What looking for duplicates does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FindDuplicatesPlan {
    /// The settings when it was started.
    pub settings: DuplicateSettings,
}

pub(super) async fn work(work: &mut Work, plan: FindDuplicatesPlan) -> Result<(), Halt> {
    let total = work.app.store.leads.summary(work.job.workspace).await?.total;
    if total > MOST_LEADS {
        return Err(Halt::Failed(format!(
            "there are {total} leads, and at most {MOST_LEADS} are looked through at once"
        )));
    }
    let settings = learned(work, plan.settings).await?;
    // Reading is the first half of the work, scoring the second.
    work.expect(2 * total);
    let survey = read(work, total).await?;
    let (review_above, corrections) = (settings.review_above, settings.corrections());
    let mut scoring = away(move || survey.score(review_above, corrections)).await?;
    let model = serde_json::to_value(scoring.model()).unwrap_or_default();
    work.app.store.duplicates.keep_model(work.job.workspace, model, total, Utc::now()).await?;
    loop {
        work.may_go_on().await?;
        let (next, more) = away(move || {
            let more = scoring.go_on(STRETCH);
            (scoring, more)
        })
        .await?;
        scoring = next;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let scored = (scoring.share() * total as f64) as u64;
        work.reached(total + scored).await?;
        if !more {
            break;
        }
    }
    let suspects = suspects(scoring, &settings).await?;
    let began = Utc::now().trunc_subsecs(6);
    put(work, &suspects).await?;
    // What was found before and is not any more need not be looked at.
    work.app.store.duplicates.forget_waiting(work.job.workspace, began).await?;
    if settings.merge_above.is_some() {
        merge(work, &settings, &suspects).await?;
    }
    work.reached(2 * total).await
}

/// The settings with what people's answers teach, published when that is new.
async fn learned(work: &mut Work, settings: DuplicateSettings) -> Result<DuplicateSettings, Halt> {
    if !settings.learns {
        return Ok(settings);
    }
    let workspace = work.job.workspace;
    // Begun anew, it finds what it learned the first time.
    let in_force = identity::in_force(&work.app, workspace).await?;
    let settings = DuplicateSettings { taught: in_force.taught.clone(), ..settings };
    let settings = identity::taught(&work.app, workspace, settings, Utc::now().trunc_subsecs(6)).await?;
    // Somebody may have turned it off, or changed something else, since the search was asked for: that stays.
    if settings.taught != in_force.taught && in_force.learns {
        let by = ChangedBy { name: SEARCH.into(), note: Some(identity::note(&settings)) };
        let next = DuplicateSettings { taught: settings.taught.clone(), ..in_force };
        identity::publish(&work.app, workspace, &next, by).await?;
    }
    Ok(settings)
}

/// Sees every lead.
async fn read(work: &mut Work, total: u64) -> Result<Survey, Halt> {
    let mut survey = Survey::new(usize::try_from(total).unwrap_or(usize::MAX));
    let (mut after, mut seen) = (Uuid::nil(), 0);
    loop {
        work.may_go_on().await?;
        let page = work.app.store.duplicates.scan(work.job.workspace, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(survey) };
        after = last.id;
        seen += page.len() as u64;
        survey = away(move || {
            for lead in &page {
                survey.see(lead.id, Person::of_lead(lead));
            }
            survey
        })
        .await?;
        // Leads that come while it reads are seen as well, and counted no further than was expected.
        work.reached(seen.min(total)).await?;
    }
}

async fn suspects(scoring: Scoring, settings: &DuplicateSettings) -> Result<Vec<Suspect>, Halt> {
    let merge = settings.merge_above;
    away(move || scoring.suspects(merge)).await
}

/// Puts what was found into the queue.
async fn put(work: &mut Work, suspects: &[Suspect]) -> Result<(), Halt> {
    for piece in suspects.chunks(MAX_PAIRS_PUT) {
        work.may_go_on().await?;
        let at = Utc::now().trunc_subsecs(6);
        let pairs = piece.iter().map(|suspect| NewPair {
            id: Uuid::now_v7(),
            left: suspect.left,
            right: suspect.right,
            probability: millionths(suspect.score.probability()),
            bits: thousandths(suspect.score.untaught),
            reasons: suspect.score.reasons.iter().map(Reason::record).collect(),
            at,
        });
        work.app.store.duplicates.put(work.job.workspace, pairs.collect()).await?;
    }
    Ok(())
}

/// Merges what is certain enough and what nobody has decided on, the older lead staying.
async fn merge(work: &mut Work, settings: &DuplicateSettings, suspects: &[Suspect]) -> Result<(), Halt> {
    let certain: std::collections::HashSet<(Uuid, Uuid)> = suspects
        .iter()
        .filter(|suspect| suspect.is_settled)
        .map(|suspect| (suspect.left, suspect.right))
        .collect();
    let Some(threshold) = settings.merge_above.map(millionths) else { return Ok(()) };
    let by = By { id: work.job.id, name: SEARCH.into() };
    let mut after = None;
    loop {
        work.may_go_on().await?;
        let query = PairQuery { state: PairState::Waiting, after, limit: 200 };
        let page = work.app.store.duplicates.list(work.job.workspace, query).await?;
        for pair in &page.items {
            if pair.probability < threshold {
                return Ok(());
            }
            if !certain.contains(&(pair.left.id, pair.right.id)) {
                continue;
            }
            let operation = Operation::Merge(MergeLeads {
                lead_id: pair.left.id,
                merged: vec![pair.right.id],
                rules: settings.rules(),
                why: Some(in_words(&pair.reasons)),
            });
            let app = Arc::clone(&work.app);
            let done = app.runner.perform_by_hand(work.job.workspace, vec![operation], by.clone()).await?;
            let (group, detail) = match done.into_iter().next() {
                Some(Ok(performed)) => ("merged", performed.output["merged"].clone()),
                Some(Err(failure)) => ("refused", json!({ "error": super::told(&failure) })),
                None => continue,
            };
            work.add(
                Found { run: None, subject: Some(pair.left.name()), group: group.into(), detail },
                Value::Null,
            )
            .await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// `same e-mail +9.2, almost the same last name +3.1`.
pub(crate) fn in_words(reasons: &Value) -> String {
    let texts = reasons.as_array().into_iter().flatten().filter_map(|reason| reason["text"].as_str());
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() {
        "They look like one person.".into()
    } else {
        format!("They look like one person: {}.", texts.join(", "))
    }
}

fn millionths(probability: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a probability is from 0 to 1")]
    let millionths = (probability * 1e6).round() as i64;
    millionths
}

fn thousandths(bits: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a sum of fifteen bounded weights")]
    let thousandths = (bits * 1e3).round() as i64;
    thousandths
}

/// Works something out beside the runtime's threads.
async fn away<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Result<T, Halt> {
    tokio::task::spawn_blocking(task).await.map_err(|_| Halt::Failed("its own work failed".into()))
}
