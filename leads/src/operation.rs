//! What steps ask of the leads, as data. A run journals the answer; the operation itself is performed once.

use crate::account::operation::AccountOperation;
use crate::enrichment::{Answer, Progress};
use crate::importing::{ImportRows, UndoImport};
use crate::key::KeyKind;
use crate::lead::Reason;
use crate::merge::MergeRules;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{self, Access, Performer, Promise};
use uuid::Uuid;

/// Most leads that a search for duplicates puts out.
pub const MOST_DUPLICATES: u32 = 20;

/// Something to do with a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Operation {
    /// Find the lead a record is about, or create it.
    FindOrCreate(FindOrCreate),
    /// Write down a score.
    SetScore(SetScore),
    /// Give the lead to the next member of a pool.
    Route(Route),
    /// Move the lead to a stage.
    SetStage(SetStage),
    /// Put the lead on a list.
    AddToList(AddToList),
    /// Take the lead off a list.
    RemoveFromList(RemoveFromList),
    /// Note what the lead did, or what somebody did with it.
    LogActivity(LogActivity),
    /// Change fields and owner as a person says.
    Edit(Edit),
    /// Score the lead by a published scoring model.
    ScoreBy(ScoreBy),
    /// Look at the lead again: time has passed, or rules have changed.
    Assess(Assess),
    /// Ask whether the lead belongs to a segment.
    InSegment(InSegment),
    /// Go on with filling fields from providers of data.
    Enrich(Box<Enrich>),
    /// The owner accepts the lead.
    AcceptLead(AcceptLead),
    /// Let happen what is due of a clock. Only the server asks for it.
    WakeClock(WakeClock),
    /// Put parts of leads back to what they were.
    PutBack(PutBack),
    /// Import a stretch of rows.
    ImportRows(ImportRows),
    /// Turn back what rows of an import did.
    UndoImport(UndoImport),
    /// Look for leads that may be the same person.
    FindDuplicates(FindDuplicates),
    /// Merge other leads into a lead.
    Merge(MergeLeads),
    /// Take a merge back.
    Unmerge(UnmergeLead),
    /// Something to do with accounts.
    #[serde(untagged)]
    Account(AccountOperation),
}

/// See [`Operation::FindOrCreate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindOrCreate {
    /// Keys to look by; the first that finds a lead decides.
    pub match_on: Vec<KeyKind>,
    /// What is known of the lead. Names that are no core field become own fields.
    pub fields: Map<String, Value>,
    /// What to do where the lead already holds another value.
    #[serde(default)]
    pub overwrite: Overwrite,
    /// Whether a record without any of the keys of `match_on` may become a lead; each time a new one.
    #[serde(default)]
    pub allow_anonymous: bool,
}

/// What to do where a lead already holds another value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overwrite {
    /// Only fill fields that are empty.
    #[default]
    FillEmpty,
    /// Take the newer value.
    NewerWins,
}

/// See [`Operation::SetScore`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetScore {
    /// Whose score.
    pub lead_id: Uuid,
    /// The score.
    pub score: i64,
    /// What it is made of.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// What people call this score, such as `Lead score`.
    #[serde(default)]
    pub model: String,
}

/// See [`Operation::Route`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name or id of the pool; empty when a table says where the lead goes.
    #[serde(default)]
    pub pool: String,
    /// Name of the team, instead of a pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Name or id of the routing table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Without a table: whether the lead goes to whoever owns the latest other lead of its account.
    #[serde(default)]
    pub same_account: bool,
    /// Whether a lead that has an owner stays with them.
    #[serde(default)]
    pub keep_owner: bool,
    /// Name, e-mail address or id of the owner who takes leads when nobody in the pool takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_owner: Option<String>,
    /// Owners who are not to get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Uuid>,
}

/// See [`Operation::SetStage`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetStage {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name of the stage.
    pub stage: String,
    /// Whether the lead may move to an earlier stage.
    #[serde(default)]
    pub allow_backwards: bool,
    /// Why, in the words of who moves it. Stages that leads come back to need one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// See [`Operation::ScoreBy`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreBy {
    /// Whose score.
    pub lead_id: Uuid,
    /// Name of the scoring model.
    pub scoring_model: String,
}

/// See [`Operation::InSegment`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InSegment {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name of the segment.
    pub segment: String,
}

/// See [`Operation::Assess`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assess {
    /// Which lead.
    pub lead_id: Uuid,
}

/// See [`Operation::AddToList`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddToList {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name or id of the list; a name that is new makes a new list.
    pub list: String,
}

/// See [`Operation::RemoveFromList`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveFromList {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name or id of the list.
    pub list: String,
}

/// See [`Operation::LogActivity`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogActivity {
    /// Which lead.
    pub lead_id: Uuid,
    /// What was done, such as `page_view`, `form`, `email_opened`, `call` or `meeting`.
    pub activity: String,
    /// What people read, such as `Visited the pricing page`; made of `activity` when empty.
    #[serde(default)]
    pub title: String,
    /// Where it happened or what brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whatever else is known of it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
    /// What tells it apart in the system it comes from: noted twice, it is one activity. Empty when nothing does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

/// See [`Operation::Edit`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Which lead.
    pub lead_id: Uuid,
    /// Values by the names of fields; `null` empties one.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Name, e-mail address or id of the new owner; empty text for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why, in the words of whoever does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// See [`Operation::FindDuplicates`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindDuplicates {
    /// The duplicates of which lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<Uuid>,
    /// Without a lead: the record.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// How likely they have to be one person.
    pub least: f64,
    /// Most that are told, at most [`MOST_DUPLICATES`].
    pub most: u32,
}

impl FindDuplicates {
    /// What is looked for, as text: the same for the same question.
    pub(crate) fn asked(&self) -> String {
        match self.lead_id {
            Some(id) => id.to_string(),
            None => Value::Object(self.fields.clone()).to_string(),
        }
    }
}

/// See [`Operation::Merge`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeLeads {
    /// The lead that stays.
    pub lead_id: Uuid,
    /// The leads that go into it, one after the other; at most [`MAX_MERGED`](crate::merge::MAX_MERGED).
    pub merged: Vec<Uuid>,
    /// Which values win.
    #[serde(default)]
    pub rules: MergeRules,
    /// Why, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// See [`Operation::Unmerge`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnmergeLead {
    /// Which merge.
    pub merge_id: Uuid,
}

/// See [`Operation::AcceptLead`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptLead {
    /// Which lead.
    pub lead_id: Uuid,
}

/// See [`Operation::Enrich`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrich {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name or id of the waterfall.
    pub waterfall: String,
    /// How far it has come; from the beginning when it is empty.
    #[serde(default)]
    pub progress: Progress,
    /// What came of the question that is out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// A document to be tried: what it asks is paid and remembered, and nothing of the lead is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TrialOf>,
}

/// A draft that is tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialOf {
    /// Id of the waterfall it is a draft of.
    pub waterfall: Uuid,
    /// What it says.
    pub document: Value,
}

/// See [`Operation::WakeClock`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WakeClock {
    /// Whose clock.
    pub lead_id: Uuid,
    /// Which clock.
    pub clock_id: Uuid,
}

/// See [`Operation::PutBack`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutBack {
    /// The parts, each at most once.
    pub parts: Vec<PutBackPart>,
}

/// A part of a lead that goes back to what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutBackPart {
    /// Which lead.
    pub lead_id: Uuid,
    /// Which part, as [`Place`](crate::place::Place) names it.
    pub field: String,
    /// What people call it.
    pub label: String,
    /// What it must still hold; otherwise it has changed since and stays. Of an owner the id.
    pub now: Value,
    /// What it held before. Of an owner the id.
    pub back_to: Value,
    /// `now` as people read it.
    #[serde(default)]
    pub now_shown: Value,
    /// `back_to` as people read it.
    #[serde(default)]
    pub back_to_shown: Value,
    /// What the score before was made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Operation {
    /// Reads what a step asked for.
    ///
    /// # Errors
    /// `LEAD-0003` when the action is not known or its input cannot be read.
    pub fn read(action: &str, input: &Value) -> Result<Self, Failure> {
        fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, Failure> {
            T::deserialize(input).map_err(|error| crate::failures::unreadable(&error.to_string()))
        }
        match action {
            "find_or_create" => parse(input).map(Self::FindOrCreate),
            "set_score" => parse(input).map(Self::SetScore),
            "route" => parse(input).map(Self::Route),
            "set_stage" => parse(input).map(Self::SetStage),
            "add_to_list" => parse(input).map(Self::AddToList),
            "remove_from_list" => parse(input).map(Self::RemoveFromList),
            "log_activity" => parse(input).map(Self::LogActivity),
            "edit" => parse(input).map(Self::Edit),
            "score_by" => parse(input).map(Self::ScoreBy),
            "assess" => parse(input).map(Self::Assess),
            "in_segment" => parse(input).map(Self::InSegment),
            "accept_lead" => parse(input).map(Self::AcceptLead),
            "enrich" => parse(input).map(Self::Enrich),
            "wake_clock" => parse(input).map(Self::WakeClock),
            "put_back" => parse(input).map(Self::PutBack),
            "import_rows" => parse(input).map(Self::ImportRows),
            "undo_import" => parse(input).map(Self::UndoImport),
            "find_duplicates" => parse(input).map(Self::FindDuplicates),
            "merge" => parse(input).map(Self::Merge),
            "unmerge" => parse(input).map(Self::Unmerge),
            other => AccountOperation::read(other, input).map(Self::Account),
        }
    }

    /// Its name.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::FindOrCreate(_) => "find_or_create",
            Self::SetScore(_) => "set_score",
            Self::Route(_) => "route",
            Self::SetStage(_) => "set_stage",
            Self::AddToList(_) => "add_to_list",
            Self::RemoveFromList(_) => "remove_from_list",
            Self::LogActivity(_) => "log_activity",
            Self::Edit(_) => "edit",
            Self::ScoreBy(_) => "score_by",
            Self::Assess(_) => "assess",
            Self::InSegment(_) => "in_segment",
            Self::AcceptLead(_) => "accept_lead",
            Self::Enrich(_) => "enrich",
            Self::WakeClock(_) => "wake_clock",
            Self::PutBack(_) => "put_back",
            Self::Account(operation) => operation.action(),
            Self::ImportRows(_) => "import_rows",
            Self::UndoImport(_) => "undo_import",
            Self::FindDuplicates(_) => "find_duplicates",
            Self::Merge(_) => "merge",
            Self::Unmerge(_) => "unmerge",
        }
    }

    /// The leads it is about, as it names them. What it puts back is about the very lead and never about one that a
    /// merge made of it.
    pub(crate) fn leads_mut(&mut self) -> Vec<&mut Uuid> {
        match self {
            Self::SetScore(input) => vec![&mut input.lead_id],
            Self::Route(input) => vec![&mut input.lead_id],
            Self::SetStage(input) => vec![&mut input.lead_id],
            Self::AddToList(input) => vec![&mut input.lead_id],
            Self::RemoveFromList(input) => vec![&mut input.lead_id],
            Self::LogActivity(input) => vec![&mut input.lead_id],
            Self::Edit(input) => vec![&mut input.lead_id],
            Self::ScoreBy(input) => vec![&mut input.lead_id],
            Self::Assess(input) => vec![&mut input.lead_id],
            Self::InSegment(input) => vec![&mut input.lead_id],
            Self::AcceptLead(input) => vec![&mut input.lead_id],
            Self::Enrich(input) => vec![&mut input.lead_id],
            Self::WakeClock(input) => vec![&mut input.lead_id],
            Self::Merge(input) => std::iter::once(&mut input.lead_id).chain(&mut input.merged).collect(),
            Self::FindDuplicates(input) => input.lead_id.iter_mut().collect(),
            Self::FindOrCreate(_)
            | Self::ImportRows(_)
            | Self::UndoImport(_)
            | Self::Account(_)
            | Self::PutBack(_)
            | Self::Unmerge(_) => Vec::new(),
        }
    }

    /// The effect a step asks the gate for.
    #[must_use]
    pub fn effect(&self) -> kind::Operation {
        let input = match self {
            Self::FindOrCreate(input) => serde_json::to_value(input),
            Self::SetScore(input) => serde_json::to_value(input),
            Self::Route(input) => serde_json::to_value(input),
            Self::SetStage(input) => serde_json::to_value(input),
            Self::AddToList(input) => serde_json::to_value(input),
            Self::RemoveFromList(input) => serde_json::to_value(input),
            Self::LogActivity(input) => serde_json::to_value(input),
            Self::Edit(input) => serde_json::to_value(input),
            Self::ScoreBy(input) => serde_json::to_value(input),
            Self::Assess(input) => serde_json::to_value(input),
            Self::InSegment(input) => serde_json::to_value(input),
            Self::AcceptLead(input) => serde_json::to_value(input),
            Self::Enrich(input) => serde_json::to_value(input),
            Self::WakeClock(input) => serde_json::to_value(input),
            Self::PutBack(input) => serde_json::to_value(input),
            Self::Account(operation) => operation.input(),
            Self::ImportRows(input) => serde_json::to_value(input),
            Self::UndoImport(input) => serde_json::to_value(input),
            Self::FindDuplicates(input) => serde_json::to_value(input),
            Self::Merge(input) => serde_json::to_value(input),
            Self::Unmerge(input) => serde_json::to_value(input),
        };
        kind::Operation {
            performer: Performer::Leads,
            action: Cow::Borrowed(self.action()),
            input: input.expect("an operation holds nothing that JSON cannot"),
            access: Access::Write,
            promise: Promise::Once,
            sends_to: None,
        }
    }
}

/// `Scored 85: Big company (+30), Free mailbox (-10).`
pub(crate) fn score_in_words(score: i64, reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return format!("Scored {score}: no rule applied.");
    }
    let reasons: Vec<String> =
        reasons.iter().map(|reason| format!("{} ({:+})", reason.label, reason.points)).collect();
    format!("Scored {score}: {}.", reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_step_asks_for_reads_back() {
        let id = Uuid::from_u128(7);
        for operation in [
            Operation::FindOrCreate(FindOrCreate {
                match_on: vec![KeyKind::Email],
                fields: json!({"email": "a@b.c"}).as_object().unwrap().clone(),
                overwrite: Overwrite::NewerWins,
                allow_anonymous: true,
            }),
            Operation::SetScore(SetScore {
                lead_id: id,
                score: 85,
                reasons: vec![Reason { label: "Big company".into(), points: 30 }],
                model: "Fit".into(),
            }),
            Operation::Route(Route {
                lead_id: id,
                pool: "AE".into(),
                team: Some("Field".into()),
                table: Some("Territories".into()),
                same_account: true,
                keep_owner: true,
                fallback_owner: None,
                except: vec![Uuid::from_u128(8)],
            }),
            Operation::SetStage(SetStage {
                lead_id: id,
                stage: "MQL".into(),
                allow_backwards: false,
                reason: String::new(),
            }),
            Operation::ScoreBy(ScoreBy { lead_id: id, scoring_model: "Inbound".into() }),
            Operation::Assess(Assess { lead_id: id }),
            Operation::Enrich(Box::new(Enrich {
                lead_id: id,
                waterfall: "Companies".into(),
                progress: Progress::default(),
                answer: Some(Answer::Back { status: 200, body: json!({"size": 5}) }),
                trial: None,
            })),
            Operation::InSegment(InSegment { lead_id: id, segment: "Warm".into() }),
            Operation::AddToList(AddToList { lead_id: id, list: "Nurture".into() }),
            Operation::RemoveFromList(RemoveFromList { lead_id: id, list: "Nurture".into() }),
            Operation::LogActivity(LogActivity {
                lead_id: id,
                activity: "call".into(),
                title: "Called".into(),
                channel: Some("Telephone".into()),
                detail: json!({"minutes": 5}),
                key: "call 7".into(),
            }),
            Operation::Edit(Edit {
                lead_id: id,
                fields: json!({"city": null}).as_object().unwrap().clone(),
                owner: Some(String::new()),
                why: None,
            }),
            Operation::PutBack(PutBack {
                parts: vec![PutBackPart {
                    lead_id: id,
                    field: "score".into(),
                    label: "Score".into(),
                    now: json!(85),
                    back_to: Value::Null,
                    now_shown: json!(85),
                    back_to_shown: Value::Null,
                    reasons: Vec::new(),
                }],
            }),
            Operation::FindDuplicates(FindDuplicates {
                lead_id: None,
                fields: json!({"email": "a@b.c"}).as_object().unwrap().clone(),
                least: 0.5,
                most: 5,
            }),
            Operation::Merge(MergeLeads {
                lead_id: id,
                merged: vec![Uuid::from_u128(8)],
                rules: MergeRules::default(),
                why: Some("Same person".into()),
            }),
            Operation::Unmerge(UnmergeLead { merge_id: id }),
        ] {
            let effect = operation.effect();
            assert_eq!(Operation::read(&effect.action, &effect.input).unwrap(), operation);
            let tagged = serde_json::to_value(&operation).unwrap();
            assert_eq!(tagged["action"], *effect.action);
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_coded_failure() {
        assert_eq!(Operation::read("route", &json!({"lead_id": "x"})).unwrap_err().code, "LEAD-0003");
        assert_eq!(Operation::read("divide", &json!({})).unwrap_err().code, "LEAD-0003");
    }
}
