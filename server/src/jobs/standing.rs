//! Jobs over all leads of a workspace: looking at each again after rules have changed, and trying rules that are not in
//! force yet.
//!
//! Leads are read page by page in the order of their ids. What has been counted is written down with the id of the last
//! lead, so that a restart counts none twice. Only leads for which something differs become results, at most
//! [`MOST_SHOWN`]; the counts are of all.

use super::{Found, Halt, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use trunkline_leads::activity::By;
use trunkline_leads::criteria::{Dependencies, Facts, Watch};
use trunkline_leads::operation::Assess;
use trunkline_leads::scoring::ScoringModel;
use trunkline_leads::segment::Segment;
use trunkline_leads::{Lead, Operation};
use trunkline_store::ports::Walked;
use uuid::Uuid;

/// Leads read at once.
const PAGE: u32 = 500;
/// Leads looked at again in one transaction.
const TOGETHER: usize = 100;
/// Leads that a job lists by name.
pub const MOST_SHOWN: i64 = 5_000;

/// Looking at every lead again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AssessPlan {}

/// Trying a scoring model on every lead, against the one in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScoreTrialPlan {
    /// The model in force; `None` when there is none.
    pub before: Option<Value>,
    /// The model to be tried.
    pub after: Value,
}

/// Trying a segment on every lead, against the one in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SegmentTrialPlan {
    /// The segment in force; `None` when there is none.
    pub before: Option<Value>,
    /// The segment to be tried.
    pub after: Value,
}

/// How far a job over all leads is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Tally {
    /// The last lead that was looked at.
    after: Option<Uuid>,
    /// How many were.
    looked_at: u64,
    /// How many leads by what came out.
    counts: BTreeMap<String, u64>,
    /// How many results were listed.
    shown: i64,
}

impl Tally {
    fn of(work: &Work) -> Self {
        serde_json::from_value(work.job.progress.state.clone()).unwrap_or_default()
    }

    fn count(&mut self, group: &str) {
        *self.counts.entry(group.to_owned()).or_default() += 1;
    }

    /// Counts a lead under `group`, and lists it while there is room.
    fn find(&mut self, work: &mut Work, group: String, lead: &Lead, detail: Value) {
        self.count(&group);
        if self.shown < MOST_SHOWN {
            self.shown += 1;
            let subject = Some(lead.name());
            work.keep(Found { run: None, subject, group: group.into(), detail });
        }
    }

    /// Writes down how far the job is.
    async fn write_down(&self, work: &mut Work) -> Result<(), Halt> {
        work.looked_at(self.looked_at, serde_json::to_value(self).unwrap_or_default());
        work.write_down().await
    }
}

/// Looks at every lead again: its score, its stage and its segments.
pub(super) async fn assess(work: &mut Work, AssessPlan {}: AssessPlan) -> Result<(), Halt> {
    let mut tally = Tally::of(work);
    work.go_on_after(u64::try_from(tally.shown).unwrap_or_default());
    expect_all(work).await?;
    // Timelines name who started the job, and by its id the job itself.
    let by = By { id: work.job.id, name: work.job.by.clone().unwrap_or_default() };
    loop {
        work.may_go_on().await?;
        let page = page(work, &tally, &Watch::default()).await?;
        let Some(last) = page.last().map(|walked| walked.lead.id) else { return Ok(()) };
        for leads in page.chunks(TOGETHER) {
            let looks = leads.iter().map(|walked| Operation::Assess(Assess { lead_id: walked.lead.id }));
            let runner = &work.app.runner;
            for outcome in runner.perform_by_hand(work.job.workspace, looks.collect(), by.clone()).await? {
                let changed = outcome.is_ok_and(|performed| performed.output["changed"] == true);
                tally.count(if changed { "changed" } else { "same" });
            }
        }
        tally.looked_at += page.len() as u64;
        tally.after = Some(last);
        tally.write_down(work).await?;
    }
}

/// Scores every lead by both models: who would reach a threshold, and who would cease to.
pub(super) async fn try_scores(work: &mut Work, plan: ScoreTrialPlan) -> Result<(), Halt> {
    let after: ScoringModel = read(&plan.after)?;
    let before: Option<ScoringModel> = plan.before.as_ref().map(read).transpose()?;
    let mut asks = after.dependencies().activities;
    asks.extend(before.iter().flat_map(|model| model.dependencies().activities));
    let watch = Watch::new(asks);
    let mut tally = Tally::of(work);
    work.go_on_after(u64::try_from(tally.shown).unwrap_or_default());
    expect_all(work).await?;
    let now = work.job.created_at;
    loop {
        work.may_go_on().await?;
        let page = page(work, &tally, &watch).await?;
        let Some(last) = page.last().map(|walked| walked.lead.id) else { return Ok(()) };
        for Walked { lead, traces, account } in &page {
            let history = watch.history(traces);
            let account = account.as_ref().map(|profile| profile.record());
            let facts = Facts::new(lead, &history, now).with_account(account.as_ref());
            let new = after.score(&facts);
            let old = before.as_ref().map(|model| model.score(&facts));
            let old_score = old.as_ref().map(|score| score.score);
            tally.count(if old_score == Some(new.score) { "same_score" } else { "other_score" });
            for group in crossed(before.as_ref(), &after, old_score, new.score) {
                let detail = json!({
                    "lead_id": lead.id, "stage": lead.stage, "old_score": old_score, "new_score": new.score,
                    "old_reasons": old.as_ref().map(|score| &score.reasons), "new_reasons": new.reasons,
                });
                tally.find(work, group, lead, detail);
            }
        }
        tally.looked_at += page.len() as u64;
        tally.after = Some(last);
        tally.write_down(work).await?;
    }
}

/// What a lead's going from one score to another means: `reach:MQL`, `cease:MQL`.
fn crossed(before: Option<&ScoringModel>, after: &ScoringModel, old: Option<i64>, new: i64) -> Vec<String> {
    let reached = |model: &ScoringModel, name: &str, score: i64| {
        model.thresholds.iter().any(|threshold| threshold.name == name && score >= threshold.at)
    };
    let mut names: Vec<&str> = after.thresholds.iter().map(|threshold| threshold.name.as_str()).collect();
    names.extend(
        before.iter().flat_map(|model| model.thresholds.iter().map(|threshold| threshold.name.as_str())),
    );
    names.sort_unstable();
    names.dedup();
    let mut groups = Vec::new();
    for name in names {
        let was = before.zip(old).is_some_and(|(model, score)| reached(model, name, score));
        match (was, reached(after, name, new)) {
            (false, true) => groups.push(format!("reach:{name}")),
            (true, false) => groups.push(format!("cease:{name}")),
            _ => {}
        }
    }
    groups
}

/// Asks both segments of every lead: who would enter, and who would leave.
pub(super) async fn try_segment(work: &mut Work, plan: SegmentTrialPlan) -> Result<(), Halt> {
    let after: Segment = read(&plan.after)?;
    let before: Option<Segment> = plan.before.as_ref().map(read).transpose()?;
    let mut asks: Dependencies = after.dependencies();
    before.iter().for_each(|segment| asks.merge(&segment.dependencies()));
    let watch = Watch::new(asks.activities);
    let mut tally = Tally::of(work);
    work.go_on_after(u64::try_from(tally.shown).unwrap_or_default());
    expect_all(work).await?;
    let now = work.job.created_at;
    loop {
        work.may_go_on().await?;
        let page = page(work, &tally, &watch).await?;
        let Some(last) = page.last().map(|walked| walked.lead.id) else { return Ok(()) };
        for Walked { lead, traces, account } in &page {
            let history = watch.history(traces);
            let account = account.as_ref().map(|profile| profile.record());
            let facts = Facts::new(lead, &history, now).with_account(account.as_ref());
            let was = before.as_ref().is_some_and(|segment| segment.rule.holds(&facts));
            let verdict = after.rule.judge(&facts);
            let detail = || json!({ "lead_id": lead.id, "stage": lead.stage, "score": lead.score, "why": verdict.why });
            match (was, verdict.holds) {
                (false, true) => tally.find(work, "enter".into(), lead, detail()),
                (true, false) => tally.find(work, "leave".into(), lead, detail()),
                (true, true) => tally.count("stay"),
                (false, false) => tally.count("outside"),
            }
        }
        tally.looked_at += page.len() as u64;
        tally.after = Some(last);
        tally.write_down(work).await?;
    }
}

async fn expect_all(work: &mut Work) -> Result<(), Halt> {
    let summary = work.app.store.leads.summary(work.job.workspace).await?;
    work.expect(summary.total);
    Ok(())
}

async fn page(work: &Work, tally: &Tally, watch: &Watch) -> Result<Vec<Walked>, Halt> {
    Ok(work.app.store.standing.walk(work.job.workspace, tally.after, watch.kinds(), PAGE).await?)
}

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> Result<T, Halt> {
    T::deserialize(document).map_err(|error| Halt::Failed(format!("the rules cannot be read: {error}")))
}
