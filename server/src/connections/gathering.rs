//! Calls of many runs and iterations gathered into one request, where a manifest says that the app takes many at once.
//!
//! The first who comes waits a moment for others who ask the same of the same account, sends what came together, and gives
//! everybody the results of their own items. Only writes that are harmless to repeat are gathered: after a crash each run
//! repeats its own, whatever company it was in. When the app refuses a request, nobody suffers for another's item: each
//! sends its own.

use super::{Connections, Opened};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use trunkline_connectors::interpreter::Order;
use trunkline_connectors::manifest::action::{Bulk, Gather};
use trunkline_engine::expression::{Datum, Dynamic, Scope, into_text};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// How long the first waits for others.
const MOMENT: Duration = Duration::from_millis(25);

/// What calls must have in common: the account, the action and every other input.
pub(super) type Company = (Uuid, String, String);

/// Calls that wait to be sent together.
pub(super) struct Batch {
    /// Tells it from those that were begun before and have no room left.
    number: u64,
    items: Vec<Value>,
    members: Vec<Member>,
    /// Told when it is full.
    full: Arc<Notify>,
}

struct Member {
    items: usize,
    answer: oneshot::Sender<Told>,
}

/// What a member is told.
enum Told {
    /// These are the results of its items.
    Results(Vec<Value>),
    /// It failed for all.
    Failed(Failure),
    /// The app refused the request as a whole, or said nothing of these items: send your own.
    Alone,
}

/// The batches that wait, and how many there ever were.
#[derive(Default)]
pub(super) struct Batches {
    waiting: HashMap<Company, Vec<Batch>>,
    begun: u64,
}

enum Place {
    /// The first: it sends.
    First(u64, Arc<Notify>, oneshot::Receiver<Told>),
    /// Another one: it is told.
    Next(oneshot::Receiver<Told>),
}

impl Connections {
    /// Sends the call in company. `None` when it has to go alone.
    pub(super) async fn gathered(
        &self,
        workspace: WorkspaceId,
        opened: &Opened,
        action: &str,
        order: &Order,
        timeout: Duration,
    ) -> Option<Result<Value, Failure>> {
        let manifest = Arc::clone(&opened.manifest);
        let bulk = manifest.actions.get(action)?.bulk.as_ref()?;
        let gather = bulk.gather.as_ref()?;
        let items = order.input.get(&bulk.over)?.as_array().filter(|items| !items.is_empty())?.clone();
        if items.len() >= bulk.most {
            return None;
        }
        let mut rest = order.input.clone();
        rest.shift_remove(&bulk.over);
        let company = (opened.row.id, action.to_owned(), Value::Object(rest.clone()).to_string());
        let told = match self.join(&company, bulk, items) {
            Place::Next(told) => tokio::time::timeout(timeout, told).await,
            Place::First(number, full, told) => {
                tokio::select! {
                    () = full.notified() => {}
                    () = tokio::time::sleep(MOMENT) => {}
                }
                if let Some(batch) = self.take_batch(&company, number) {
                    let sent = Gathered { workspace, company: &company, bulk, gather, rest };
                    self.send_batch(sent, batch, timeout).await;
                }
                tokio::time::timeout(timeout, told).await
            }
        };
        match told {
            Ok(Ok(Told::Results(items))) => Some(Ok(json!({ "count": items.len(), "items": items }))),
            Ok(Ok(Told::Failed(failure))) => Some(Err(failure)),
            Ok(Ok(Told::Alone)) => None,
            // Whoever was to send it is gone. It is harmless to send it again.
            Ok(Err(_)) | Err(_) => Some(Err(broken_off())),
        }
    }

    fn join(&self, company: &Company, bulk: &Bulk, items: Vec<Value>) -> Place {
        let (answer, told) = oneshot::channel();
        let member = Member { items: items.len(), answer };
        let mut batches = self.batches.lock();
        batches.begun += 1;
        let number = batches.begun;
        let waiting = batches.waiting.entry(company.clone()).or_default();
        if let Some(batch) = waiting.last_mut()
            && batch.items.len() + items.len() <= bulk.most
        {
            batch.items.extend(items);
            batch.members.push(member);
            if batch.items.len() >= bulk.most {
                batch.full.notify_one();
            }
            return Place::Next(told);
        }
        // The one before has no room: it need not wait any longer.
        if let Some(before) = waiting.last() {
            before.full.notify_one();
        }
        let full = Arc::new(Notify::new());
        waiting.push(Batch { number, items, members: vec![member], full: Arc::clone(&full) });
        Place::First(number, full, told)
    }

    fn take_batch(&self, company: &Company, number: u64) -> Option<Batch> {
        let mut batches = self.batches.lock();
        let waiting = batches.waiting.get_mut(company)?;
        let at = waiting.iter().position(|batch| batch.number == number)?;
        let taken = waiting.remove(at);
        if waiting.is_empty() {
            batches.waiting.remove(company);
        }
        Some(taken)
    }

    /// Sends `batch` and tells its members.
    async fn send_batch(&self, sent: Gathered<'_>, batch: Batch, timeout: Duration) {
        let Gathered { workspace, company, bulk, gather, rest } = sent;
        let mut input = rest;
        input.insert(bulk.over.clone(), Value::Array(batch.items.clone()));
        let outcome = async {
            // Opened anew: of many who wait, only one holds the secrets while it sends.
            let opened = self.usable(workspace, company.0).await?;
            self.call(workspace, opened, &company.1, input, String::new(), timeout).await
        };
        let outcome: Result<Value, Failure> = outcome.await;
        match outcome {
            Ok(output) => {
                let results = output.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
                share(batch, gather, results);
            }
            Err(failure) => {
                let is_refused = failure.kind == FailureKind::BadInput && batch.members.len() > 1;
                for member in batch.members {
                    let told = if is_refused { Told::Alone } else { Told::Failed(failure.clone()) };
                    // Whoever went away is not waiting for it.
                    let _ = member.answer.send(told);
                }
            }
        }
    }
}

/// What is sent with a batch.
struct Gathered<'a> {
    workspace: WorkspaceId,
    company: &'a Company,
    bulk: &'a Bulk,
    gather: &'a Gather,
    rest: Map<String, Value>,
}

/// Gives every member the results of its own items.
fn share(batch: Batch, gather: &Gather, results: Vec<Value>) {
    let found = by_item(&batch.items, gather, results);
    let mut found = found.into_iter();
    for member in batch.members {
        let own: Vec<Option<Value>> = found.by_ref().take(member.items).collect();
        let told = match own.into_iter().collect::<Option<Vec<Value>>>() {
            Some(results) => Told::Results(results),
            None => Told::Alone,
        };
        let _ = member.answer.send(told);
    }
}

/// The result of each item; none for an item that the app said nothing of.
fn by_item(items: &[Value], gather: &Gather, results: Vec<Value>) -> Vec<Option<Value>> {
    match gather {
        Gather::Order {} if results.len() == items.len() => results.into_iter().map(Some).collect(),
        Gather::Order {} => items.iter().map(|_| None).collect(),
        Gather::Key { item: of_item, result: of_result } => {
            let name = |template: &Dynamic, name: &str, value: &Value| {
                let scope = Scope::of(Datum::new(json!({ name: value })));
                template.value(&scope).map(into_text).ok().filter(|key| !key.is_empty())
            };
            let known: HashMap<String, Value> = results
                .into_iter()
                .filter_map(|result| Some((name(of_result, "result", &result)?, result)))
                .collect();
            // Two iterations may be about the same record: both get its result.
            items.iter().map(|item| known.get(&name(of_item, "item", item)?).cloned()).collect()
        }
    }
}

fn broken_off() -> Failure {
    Failure::new(
        "CONN-0006",
        FailureKind::Temporary,
        "the request that was gathered with others broke off",
        "Usually passes; the step tries again if it has retries.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_key() -> Gather {
        Gather::Key {
            item: Dynamic::compile(&json!("{{ item.id|lower }}")).unwrap(),
            result: Dynamic::compile(&json!("{{ result.email|lower }}")).unwrap(),
        }
    }

    #[test]
    fn everybody_gets_the_results_of_their_own_items() {
        let items = [json!({ "id": "A" }), json!({ "id": "b" }), json!({ "id": "a" }), json!({ "id": "c" })];
        let results = vec![json!({ "email": "B", "n": 2 }), json!({ "email": "a", "n": 1 })];
        let found: Vec<Option<i64>> =
            by_item(&items, &by_key(), results).into_iter().map(|result| result?["n"].as_i64()).collect();
        assert_eq!(found, [Some(1), Some(2), Some(1), None]);
        let in_order = by_item(&items[..2], &Gather::Order {}, vec![json!(1), json!(2)]);
        assert_eq!(in_order, [Some(json!(1)), Some(json!(2))]);
        assert_eq!(
            by_item(&items[..2], &Gather::Order {}, vec![json!(1)]),
            [None, None],
            "one is missing, but which?"
        );
    }
}
