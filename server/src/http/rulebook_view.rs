//! Rulebooks as the API shows them: what a document says in sentences, what is wrong with it, and what it changes.

use super::problem::{self, Code, Result};
use crate::app::Shared;
use crate::auth::Caller;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_engine::kind::ConfigProblem;
use trunkline_leads::definition::{CALENDAR, ROUTING, SLA, WATERFALL};
use trunkline_leads::enrichment::Waterfall;
use trunkline_leads::hours::Calendar;
use trunkline_leads::routing::{Lint, RoutingTable};
use trunkline_leads::sla::SlaPolicy;
use trunkline_leads::standing::{Document, Rules};
use trunkline_store::ports::{DefinitionVersion, Drafted};
use utoipa::ToSchema;
use uuid::Uuid;

/// Kinds from which nothing follows for leads that do not change.
const AT_REST: [&str; 4] = [ROUTING, SLA, CALENDAR, WATERFALL];

/// A rulebook with its draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rulebook {
    /// Id.
    pub id: Uuid,
    /// `routing_table`, `sla_policy`, `calendar`, `enrichment_waterfall`, `scoring_model`, `lifecycle` or `segment`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// What is being written.
    #[schema(value_type = Object)]
    pub draft: Value,
    /// Counts edits; send it back as `base_revision`.
    pub revision: i64,
    /// Number of the version in force.
    pub version: Option<i64>,
    /// What is in force.
    #[schema(value_type = Option<Object>)]
    pub published: Option<Value>,
    /// Whether the draft says something else than what is in force.
    pub changed: bool,
    /// What the draft says, a sentence each.
    pub words: Vec<String>,
    /// What is in force, a sentence each.
    pub published_words: Vec<String>,
    /// What the draft would change of what is in force, a sentence each.
    pub changes: Vec<String>,
    /// What has to be mended before it can be published.
    pub problems: Vec<RulebookProblem>,
    /// What may be wrong with a routing table: `kind`, `row`, `other`, `column`, `message`.
    #[schema(value_type = Vec<Object>)]
    pub lints: Vec<Lint>,
    /// When the draft last changed.
    pub updated_at: DateTime<Utc>,
}

/// Something that has to be mended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RulebookProblem {
    /// Where, as a JSON Pointer into the draft.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says so.
    pub action: String,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookVersion {
    /// Its number.
    pub version: i64,
    /// What it says, a sentence each.
    pub words: Vec<String>,
    /// What it changed of the version before, a sentence each.
    pub changes: Vec<String>,
    /// Sentences that the version before did not have.
    pub added: Vec<String>,
    /// Sentences of the version before that it no longer has.
    pub removed: Vec<String>,
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
    /// Why, in the publisher's words.
    pub note: Option<String>,
    /// Who.
    pub published_by: Option<String>,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// All versions of a rulebook.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookVersions {
    /// The newest first.
    pub items: Vec<RulebookVersion>,
}

impl From<ConfigProblem> for RulebookProblem {
    fn from(problem: ConfigProblem) -> Self {
        Self { field: problem.field, message: problem.message, action: problem.action }
    }
}

/// What a document says, and what is wrong with it.
#[derive(Default)]
pub(super) struct Look {
    pub(super) words: Vec<String>,
    pub(super) problems: Vec<RulebookProblem>,
    lints: Vec<Lint>,
}

/// A rulebook as it is written and, when it was published, as it is in force.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) rule: Drafted,
    pub(super) in_force: Option<Value>,
}

/// `kind`, when it is one of rulebooks.
pub(super) fn known_kind(kind: &str) -> Result<&'static str> {
    let known = AT_REST.into_iter().chain(Rules::KINDS).find(|known| *known == kind);
    known.ok_or_else(|| problem::NOT_FOUND.because(format!("there is no kind of rulebook called {kind}")))
}

/// Whether every lead is brought to where the rules of `kind` put it: scores, stages and segments.
pub(super) fn moves_leads(kind: &str) -> bool {
    Rules::KINDS.contains(&kind)
}

/// The rulebook `id` of `kind`.
pub(super) async fn find(app: &Shared, caller: &Caller, kind: &str, id: Uuid) -> Result<Held> {
    let kind = known_kind(kind)?;
    let found = app.store.definitions.get(caller.workspace, id).await?;
    let rule = found
        .filter(|rule| rule.kind == kind)
        .ok_or_else(|| problem::NOT_FOUND.because("there is no such rulebook; it may have been deleted"))?;
    let in_force = app.store.definitions.published(caller.workspace, kind.to_owned()).await?;
    let in_force = in_force.iter().find(|one| one.id == id).map(|one| one.document().clone());
    Ok(Held { rule, in_force })
}

/// The document of rules that move leads, when it can be read.
pub(super) fn read(kind: &str, document: &Value) -> Option<Document> {
    Document::read(kind, document)?.ok()
}

/// What the document says.
pub(super) fn look(kind: &str, document: &Value) -> Look {
    if let Some(read) = Document::read(kind, document) {
        return match read {
            Ok(read) => {
                let problems = read.problems().into_iter().map(RulebookProblem::from).collect();
                Look { words: read.in_words(), problems, lints: Vec::new() }
            }
            Err(problem) => Look { problems: vec![problem.into()], ..Look::default() },
        };
    }
    fn at_rest<T: DeserializeOwned>(document: &Value, look: impl FnOnce(T) -> Look) -> Look {
        match T::deserialize(document) {
            Ok(read) => look(read),
            Err(error) => {
                Look { problems: mended(vec![(String::new(), error.to_string())]), ..Look::default() }
            }
        }
    }
    match kind {
        ROUTING => at_rest(document, |table: RoutingTable| Look {
            words: table.in_words(),
            problems: mended(table.problems()),
            lints: table.lints(),
        }),
        SLA => at_rest(document, |policy: SlaPolicy| Look {
            words: policy.in_words(),
            problems: mended(policy.problems()),
            lints: Vec::new(),
        }),
        WATERFALL => at_rest(document, |waterfall: Waterfall| Look {
            words: waterfall.in_words(),
            problems: mended(waterfall.problems()),
            lints: Vec::new(),
        }),
        _ => at_rest(document, |calendar: Calendar| Look {
            words: calendar
                .days
                .iter()
                .map(|days| format!("{} to {}: {}.", days.from, days.to, days.why))
                .collect(),
            problems: mended(calendar.problems()),
            lints: Vec::new(),
        }),
    }
}

fn mended(problems: Vec<(String, String)>) -> Vec<RulebookProblem> {
    let problem = |(field, message)| RulebookProblem { field, message, action: String::new() };
    problems.into_iter().map(problem).collect()
}

/// What `after` changed of `before`, a sentence each; everything when there was nothing.
fn changes(kind: &str, before: Option<&Value>, after: &Value) -> Vec<String> {
    match (read(kind, after), before.and_then(|before| read(kind, before))) {
        (Some(after), Some(before)) => after.changes_since(&before),
        (Some(after), None) => after.in_words(),
        (None, _) => {
            let old = before.map(|before| look(kind, before).words).unwrap_or_default();
            missing(&look(kind, after).words, &old)
        }
    }
}

/// Sentences of `of` that `from` does not have.
fn missing(of: &[String], from: &[String]) -> Vec<String> {
    of.iter().filter(|sentence| !from.contains(sentence)).cloned().collect()
}

/// What keeps the draft from being published, as an error; nothing when nothing does.
pub(super) fn unpublishable(kind: &str, draft: &Value) -> Option<problem::Error> {
    let found = look(kind, draft).problems;
    let first = found.first()?;
    let rest = match found.len() - 1 {
        0 => String::new(),
        1 => "; and 1 more".to_owned(),
        more => format!("; and {more} more"),
    };
    let code: Code = if moves_leads(kind) { problem::RULE_HAS_PROBLEMS } else { problem::INVALID };
    Some(code.because(format!("{}{rest}", first.message)))
}

/// The rulebook as the API shows it.
pub(super) fn shown(Held { rule, in_force }: Held) -> Rulebook {
    let Look { words, problems, lints } = look(&rule.kind, &rule.draft);
    let published_words = in_force.as_ref().map(|document| look(&rule.kind, document).words);
    Rulebook {
        id: rule.id,
        changed: in_force.as_ref() != Some(&rule.draft),
        published_words: published_words.unwrap_or_default(),
        changes: changes(&rule.kind, in_force.as_ref(), &rule.draft),
        kind: rule.kind,
        name: rule.name,
        draft: rule.draft,
        revision: rule.revision,
        version: rule.published,
        published: in_force,
        words,
        problems,
        lints,
        updated_at: rule.updated_at,
    }
}

/// Versions, the newest first, each beside the one before.
pub(super) fn compared(kind: &str, all: Vec<DefinitionVersion>) -> RulebookVersions {
    let words: Vec<Vec<String>> = all.iter().map(|version| look(kind, &version.document).words).collect();
    let changed: Vec<Vec<String>> = (0..all.len())
        .map(|place| {
            let before = all.get(place + 1).map(|before| &before.document);
            changes(kind, before, &all[place].document)
        })
        .collect();
    let items = all.into_iter().zip(changed).enumerate().map(|(place, (version, changes))| {
        let (now, before) = (&words[place], words.get(place + 1).map_or(&[][..], Vec::as_slice));
        RulebookVersion {
            version: version.number,
            words: now.clone(),
            changes,
            added: missing(now, before),
            removed: missing(before, now),
            document: version.document,
            note: version.note,
            published_by: version.published_by,
            published_at: version.published_at,
        }
    });
    RulebookVersions { items: items.collect() }
}
