//! `/inbox`: what waits for a person. Approvals, and writes of which nobody knows whether they happened.

use super::body::{Json, Path, Query};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::runner::answers::AnswerError;
use crate::runner::links;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_engine::document::{self, Document, Steps};
use trunkline_engine::kind::{Awaited, DID_NOT, HAPPENED, Operation, SKIP};
use trunkline_engine::run::{EffectKey, RunId};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{WaitKind, WaitQuery, WaitRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most items on a page.
const MOST: u32 = 200;
/// Longest note, in characters.
pub(super) const LONGEST_NOTE: usize = 2_000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(answer))
}

/// Something that a run waits for.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxItem {
    /// Names it in addresses: the run and the step.
    pub id: String,
    /// What sort of word is waited for.
    pub kind: InboxKind,
    /// The run that waits.
    pub run_id: Uuid,
    /// The workflow it runs.
    pub workflow_id: Uuid,
    /// What that is called now.
    pub workflow_name: String,
    /// The step that waits.
    pub step: String,
    /// What people call that.
    pub step_title: String,
    /// Whom or what the run is about.
    pub subject: String,
    /// The lead it is about.
    pub lead_id: Option<Uuid>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when it waits.
    pub due_at: Option<DateTime<Utc>>,
    /// What is to be decided, in a few words.
    pub title: String,
    /// What one should know.
    pub text: String,
    /// The answers to choose from; none when only another system can answer.
    pub options: Vec<InboxOption>,
    /// What was sent, of a write whose outcome is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<SentWrite>,
    /// What the step promises when an answer is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise_text: Option<String>,
}

/// What sort of word is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InboxKind {
    /// A person's choice.
    Approval,
    /// A person who finds out whether a write happened.
    Decision,
    /// A call of the run's callback address.
    Callback,
    /// Something that happens to a lead.
    LeadEvent,
}

impl From<WaitKind> for InboxKind {
    fn from(kind: WaitKind) -> Self {
        match kind {
            WaitKind::Approval => Self::Approval,
            WaitKind::Decision => Self::Decision,
            WaitKind::Callback => Self::Callback,
            WaitKind::LeadEvent => Self::LeadEvent,
        }
    }
}

/// An answer to choose.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxOption {
    /// What to send as `port`.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// A write whose outcome is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentWrite {
    /// What it was, such as `POST https://api.example.com/deals`.
    pub what: String,
    /// What was sent, secrets masked.
    pub input: Value,
}

/// What waits for a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxPage {
    /// The one asked first comes first.
    pub items: Vec<InboxItem>,
    /// Where the next page, with what was asked before, starts; `null` on the last.
    pub next: Option<String>,
    /// How much waits in all.
    pub count: u64,
}

/// Which items to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Only of this kind: `approval` or `decision`.
    kind: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<String>,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxAnswer {
    /// Id of the chosen option.
    pub port: String,
    /// A remark that later steps can read.
    #[serde(default)]
    pub note: Option<String>,
}

/// What waits for a person
#[utoipa::path(get, path = "/inbox", tag = "inbox", operation_id = "listInbox", params(InboxQuery),
    responses((status = 200, body = InboxPage)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<InboxQuery>,
) -> Result<axum::Json<InboxPage>> {
    let kinds = match query.kind.as_deref().filter(|kind| !kind.is_empty()) {
        None => vec![WaitKind::Approval, WaitKind::Decision],
        Some("approval") => vec![WaitKind::Approval],
        Some("decision") => vec![WaitKind::Decision],
        Some(_) => {
            return Err(problem::WRONG_PARAMETER.because("`kind` must be approval or decision"));
        }
    };
    let before = query.cursor.map(|cursor| cursor.parse()).transpose();
    let before = before.map_err(|_| problem::WRONG_PARAMETER.because("`cursor` must be what `next` said"))?;
    let query = WaitQuery { kinds, before, limit: MOST };
    let page = app.store.waits.list(caller.workspace, query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items.into_iter().rev() {
        items.push(item(&app, caller.workspace, row).await);
    }
    let count = app.store.waits.count(caller.workspace).await?;
    Ok(axum::Json(InboxPage { items, next: page.next.map(|next| next.to_string()), count }))
}

/// Answer
///
/// Of two answers the first counts; the second is refused with `RUN-0020`.
#[utoipa::path(post, path = "/inbox/{id}/answer", tag = "inbox", operation_id = "answerInbox",
    params(("id" = String, Path)), request_body = InboxAnswer, responses((status = 200, body = Value)))]
async fn answer(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(given): Json<InboxAnswer>,
) -> Result<axum::Json<Value>> {
    let (run, key) = question(&id).ok_or_else(|| problem::NOT_FOUND.because("there is no such question"))?;
    if app.store.runs.get(caller.workspace, run).await?.is_none() {
        return Err(problem::NOT_FOUND.because("there is no such question"));
    }
    let note = note(given.note.as_deref())?;
    give(&app, run, key, given.port, note, Some(caller.name)).await?;
    Ok(axum::Json(json!({})))
}

/// Takes a person's answer; durable when this returns.
pub(super) async fn give(
    app: &Shared,
    run: RunId,
    key: EffectKey,
    port: String,
    note: Option<String>,
    by: Option<String>,
) -> Result<()> {
    let output = json!({ "answer": port, "by": by, "note": note.unwrap_or_default() });
    app.runner.answer_wait(run, key, port, output, by).await.map_err(Error::from)
}

/// A note within its bounds; `None` for an empty one.
pub(super) fn note(given: Option<&str>) -> Result<Option<String>> {
    let note = given.map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(problem::INVALID.because(format!("a note may have {LONGEST_NOTE} characters")));
    }
    Ok(note.map(str::to_owned))
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        let said = error.to_string();
        match error {
            AnswerError::Gone => problem::ANSWERED.because(said),
            AnswerError::NoSuchOption(_) => problem::NO_OPTION.because(said),
            AnswerError::Store(error) => error.into(),
        }
    }
}

fn question(id: &str) -> Option<(RunId, EffectKey)> {
    let (run, key) = id.split_once(':')?;
    Some((run.parse().ok()?, links::parse(key)?))
}

/// An open wait as people see it.
async fn item(app: &Shared, workspace: WorkspaceId, row: WaitRow) -> InboxItem {
    let version = match app.store.runs.get(workspace, row.run).await {
        Ok(Some(run)) => app.runner.versions().get(run.version).await.ok(),
        _ => None,
    };
    let document = version.as_ref().map(|version| version.compiled.document());
    let promise = document.and_then(|document| promise_of(app, workspace, document, &row.key.step));
    show(row, document, promise)
}

/// What the kind of `step` promises when an answer is lost.
pub(super) fn promise_of(
    app: &Shared,
    workspace: WorkspaceId,
    document: &Document,
    step: &str,
) -> Option<String> {
    let step = find(&document.steps, step)?;
    app.apps.registry(workspace).get(&step.kind).map(|kind| kind.descriptor.promise_text.to_string())
}

/// An open wait as people see it, with what its document calls the step.
pub(super) fn show(row: WaitRow, document: Option<&Document>, promise: Option<String>) -> InboxItem {
    let id = format!("{}:{}", row.run, links::spell(&row.key));
    let named = document.and_then(|document| title_of(&document.steps, &row.key.step));
    let step_title = named.unwrap_or_else(|| row.key.step.clone());
    let (title, text, options, sent) = match &row.what {
        Awaited::Approval { title, text, options, .. } => {
            let options = options.iter().map(|option| {
                let label = if option.label.is_empty() { &option.id } else { &option.label };
                InboxOption { id: option.id.to_string(), label: label.to_string() }
            });
            (title.clone(), text.clone(), options.collect(), None)
        }
        Awaited::Decision { operation, failure } => {
            let sent = SentWrite { what: what(operation), input: masked(&operation.input) };
            (format!("Did \"{step_title}\" happen?"), failure.message.clone(), findings(), Some(sent))
        }
        Awaited::Callback => ("Waits for another system to call".into(), String::new(), Vec::new(), None),
        Awaited::LeadEvent { event, .. } => {
            let what = format!("Waits until the lead is {}", event.as_str().replace('_', " "));
            (what, String::new(), Vec::new(), None)
        }
    };
    InboxItem {
        id,
        kind: row.kind.into(),
        run_id: row.run,
        workflow_id: row.workflow,
        workflow_name: row.workflow_name,
        step: row.key.step,
        step_title,
        subject: row.subject.unwrap_or_default(),
        lead_id: row.lead,
        asked_at: row.asked_at,
        due_at: row.due_at,
        title,
        text,
        options,
        promise_text: promise.filter(|_| sent.is_some()),
        sent,
    }
}

fn findings() -> Vec<InboxOption> {
    let finding = |id: &str, label: &str| InboxOption { id: id.into(), label: label.into() };
    vec![finding(HAPPENED, "It happened"), finding(DID_NOT, "It did not"), finding(SKIP, "Skip it")]
}

/// What people call the step `id`, if anything.
pub(super) fn title_of(steps: &Steps, id: &str) -> Option<String> {
    let step = find(steps, id)?;
    (!step.title.is_empty()).then(|| step.title.clone())
}

fn find<'d>(steps: &'d Steps, id: &str) -> Option<&'d document::Step> {
    steps.get(id).or_else(|| {
        let bodies = steps.values().filter_map(|step| step.body.as_ref());
        bodies.into_iter().find_map(|body| find(&body.steps, id))
    })
}

fn what(operation: &Operation) -> String {
    let text = |name: &str| operation.input.get(name).and_then(Value::as_str);
    match (text("method"), text("url")) {
        (Some(method), Some(url)) => format!("{method} {}", plain_address(url)),
        _ => operation.action.replace('_', " "),
    }
}

/// An address without what stands before an @ and behind a question mark: both may hold secrets.
fn plain_address(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

/// Words in the name of a field or header whose value nobody should see.
const SECRET_WORDS: [&str; 8] =
    ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "api_key"];
const MASK: &str = "••••••";

/// What was sent, without what looks like a credential.
fn masked(input: &Value) -> Value {
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    };
    match input {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::Null => Value::Null,
                    _ if is_secret(name) => MASK.into(),
                    Value::String(url) if name == "url" => plain_address(url).into(),
                    other => masked(other),
                };
                (name.clone(), value)
            })
            .collect(),
        Value::Array(items) => match &items[..] {
            // A header: its name and its value.
            [Value::String(name), value] if is_secret(name) && value.is_string() => json!([name, MASK]),
            items => items.iter().map(masked).collect(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_shown_without_credentials() {
        let sent = json!({
            "method": "POST", "url": "https://me:pw@api.example.com/deals?api_key=1#x",
            "headers": [["Authorization", "Bearer abc"], ["content-type", "application/json"], ["X-Api-Key", "k"]],
            "body": "{\"amount\": 5}", "auth": {"token": "t", "user": "ada", "none": null},
        });
        let shown = masked(&sent);
        assert_eq!(shown["url"], "https://api.example.com/deals");
        assert_eq!(
            shown["headers"],
            json!([["Authorization", MASK], ["content-type", "application/json"], ["X-Api-Key", MASK]])
        );
        assert_eq!(shown["auth"], json!({"token": MASK, "user": "ada", "none": null}));
        assert_eq!(shown["body"], sent["body"]);
    }

    #[test]
    fn questions_are_named_by_run_and_step() {
        let run = Uuid::now_v7();
        let key = EffectKey { step: "ask".into(), items: vec![2] };
        assert_eq!(question(&format!("{run}:ask-2")), Some((run, key)));
        assert_eq!(question("x:ask"), None);
        assert_eq!(question(&run.to_string()), None);
    }
}
