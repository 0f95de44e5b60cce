//! What runs wait for, and letters.

use crate::world::{Backend, Flow, HOME, ask, chain, done, find, person};
use chrono::Utc;
use serde_json::{Value, json};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Awaited;
use trunkline_engine::run::{EffectKey, Event, Performed};
use trunkline_store::Error;
use trunkline_store::ports::{Letter, RunStatus, Turn, WaitKind, WaitQuery};
use uuid::Uuid;

fn key(step: &str) -> EffectKey {
    EffectKey { step: step.into(), items: vec![] }
}

fn listen(config: Value) -> Value {
    json!({"kind": "listen", "config": config})
}

/// Waits for a stage of the lead that was found.
fn listen_to_lead() -> Value {
    listen(json!({"lead": "{{ steps.find.lead.id }}"}))
}

fn set_stage() -> Value {
    ask("set_stage", json!({"lead_id": "{{ steps.find.lead.id }}", "stage": "SQL"}))
}

async fn next(flow: &Flow, run: Uuid, event: Event) -> Turn {
    flow.next_turn(flow.store.runs.stored(run).await.unwrap().unwrap(), event)
}

pub(crate) async fn open_waits_follow_their_runs(backend: &impl Backend) {
    let store = backend.open().await;
    let steps = [find(), ("first", listen(json!({"seconds": 60}))), ("second", listen(json!({})))];
    let flow = Flow::publish(&store, chain("Ask twice", &steps)).await;
    let one = flow.send(person(1)).await;
    let two = flow.send(person(2)).await;
    assert_eq!((one.state.status, one.header.waits), (RunStatus::Waiting, 1));
    assert!(one.state.wake_at.is_some() && !one.state.resume);
    let page = store.waits.list(HOME, WaitQuery { limit: 1, ..WaitQuery::default() }).await.unwrap();
    assert_eq!(page.items[0].run, two.header.id, "the newest first");
    let rest = WaitQuery { before: page.next, limit: 10, kinds: vec![WaitKind::Approval] };
    let wait = store.waits.list(HOME, rest).await.unwrap().items.remove(0);
    assert_eq!((wait.run, &wait.key, wait.due_at), (one.header.id, &key("first"), one.state.wake_at));
    assert_eq!((wait.subject.as_deref(), wait.lead), (Some("Person No 1"), one.state.lead));
    assert!(matches!(wait.what, Awaited::Approval { .. }));
    assert_eq!(store.waits.find(one.header.id, key("first")).await.unwrap(), Some(wait));
    assert_eq!(store.waits.count(HOME).await.unwrap(), 2);

    let answer = |step: &str| Event::Signalled {
        key: key(step),
        port: "out".into(),
        output: json!({"answer": "yes"}),
        by: Some("Ada".into()),
        at: Utc::now(),
    };
    let moved = done(store.runs.turn(next(&flow, one.header.id, answer("first")).await).await);
    assert_eq!(moved.header.waits, 1);
    assert!(store.waits.find(one.header.id, key("first")).await.unwrap().is_none(), "it was answered");
    let open = store.waits.of_run(one.header.id).await.unwrap();
    assert_eq!(open.iter().map(|wait| wait.key.step.as_str()).collect::<Vec<_>>(), ["second"]);
    let ended = done(store.runs.turn(next(&flow, one.header.id, answer("second")).await).await);
    assert_eq!((ended.state.status, ended.header.waits), (RunStatus::Completed, 0));
    let cancelled = Event::Cancelled { by: "Ada".into(), at: Utc::now() };
    done(store.runs.turn(next(&flow, two.header.id, cancelled).await).await);
    assert_eq!(store.waits.count(HOME).await.unwrap(), 0, "a run that is over waits for nothing");
}

pub(crate) async fn an_event_of_a_lead_reaches_who_waits_for_it(backend: &impl Backend) {
    let store = backend.open().await;
    let waiting = Flow::publish(&store, chain("Wait", &[find(), ("hear", listen_to_lead())])).await;
    let moving = Flow::publish(&store, chain("Move", &[find(), ("stage", set_stage())])).await;
    let listener = waiting.send(person(1)).await;
    let deaf = waiting.send(person(2)).await;
    assert_eq!(store.waits.count(HOME).await.unwrap(), 0, "nobody is asked");
    let cause = moving.send(person(1)).await;
    let [letter] = &cause.letters[..] else { panic!("one letter: {:?}", cause.letters) };
    assert_eq!(letter.run, listener.header.id);
    let Some(Event::Signalled { output, port, .. }) = &letter.event else { panic!("{letter:?}") };
    assert_eq!(
        (port.as_str(), &output["event"], &output["new"]),
        ("out", &json!("stage_changed"), &json!("SQL"))
    );
    let again = chain(
        "Again",
        &[
            find(),
            (
                "stage",
                ask(
                    "set_stage",
                    json!({"lead_id": "{{ steps.find.lead.id }}", "stage": "MQL", "allow_backwards": true}),
                ),
            ),
        ],
    );
    let again = Flow::publish(&store, again).await;
    assert!(again.send(person(1)).await.letters.is_empty(), "told once, although it has not taken it in yet");
    store.close().await.unwrap();

    let store = backend.open().await;
    let waiting = waiting.in_store(&store);
    assert_eq!(
        store.letters.list(0, 10).await.unwrap().as_slice(),
        std::slice::from_ref(letter),
        "it survives"
    );
    let turn = |letter: Letter| {
        let waiting = waiting.clone();
        async move {
            let mut turn = next(&waiting, letter.run, letter.event.unwrap()).await;
            turn.letters = vec![letter.id];
            waiting.store.runs.turn(turn).await
        }
    };
    assert_eq!(done(turn(letter.clone()).await).state.status, RunStatus::Completed);
    assert_eq!(turn(letter.clone()).await.unwrap_err(), Error::Fenced, "once");
    assert!(store.letters.list(0, 10).await.unwrap().is_empty());
    assert_eq!(store.waits.of_run(deaf.header.id).await.unwrap().len(), 1, "the other one still waits");
    let moving = moving.in_store(&store);
    assert_eq!(moving.send(person(2)).await.letters.len(), 1, "and is found after a restart");
}

pub(crate) async fn what_a_run_did_itself_is_no_news_to_it(backend: &impl Backend) {
    let store = backend.open().await;
    let steps = [find(), ("stage", set_stage()), ("hear", listen_to_lead())];
    let flow = Flow::publish(&store, chain("Both", &steps)).await;
    let run = flow.send(person(1)).await;
    assert_eq!((run.state.status, run.letters.len()), (RunStatus::Waiting, 0));
}

pub(crate) async fn the_end_of_a_called_run_is_a_letter(backend: &impl Backend) {
    let store = backend.open().await;
    let call = json!({"kind": "call", "config": {}});
    let parent = Flow::publish(&store, chain("Parent", &[("call", call)])).await;
    let child = Flow::publish(&store, chain("Child", &[find()])).await;
    let calling = parent.send(person(1)).await.header.id;
    let called = |key: EffectKey| {
        let mut header = child.header();
        header.parent = Some((calling, key));
        child.first_turn(header, person(1))
    };
    let ended = done(store.runs.turn(called(key("call"))).await);
    let [letter] = &ended.letters[..] else { panic!("one letter: {:?}", ended.letters) };
    assert!(matches!(&letter.event, Some(Event::Returned { key, result: Ok(_), .. }) if key.step == "call"));
    let quiet = done(store.runs.turn(called(key("call!1"))).await);
    assert!(quiet.letters.is_empty(), "nobody waits for it");
    let mut turn = next(&parent, letter.run, letter.event.clone().unwrap()).await;
    turn.letters = vec![letter.id];
    assert_eq!(done(store.runs.turn(turn).await).state.status, RunStatus::Completed);
    let late = done(store.runs.turn(called(EffectKey { step: "call".into(), items: vec![7] })).await);
    assert!(late.letters.is_empty(), "the caller is over");
}

pub(crate) async fn a_failed_run_asks_for_its_error_workflow(backend: &impl Backend) {
    let store = backend.open().await;
    let outside = json!({"kind": "ask", "config": {"action": "get", "outside": true}});
    let mut document = chain("Fails", &[("get", outside)]);
    document.settings.error_workflow = Some(Uuid::now_v7().to_string());
    let flow = Flow::publish(&store, document).await;
    let run = flow.send(person(1)).await.header.id;
    let failure = Failure::new("HTTP-0404", FailureKind::Fatal, "not there", "Look elsewhere.");
    let event = Event::Performed { key: key("get"), result: Err(failure), at: Utc::now() };
    let failed = done(store.runs.turn(next(&flow, run, event).await).await);
    assert_eq!(failed.state.status, RunStatus::Failed);
    assert_eq!(
        failed.letters.iter().map(|letter| (letter.run, &letter.event)).collect::<Vec<_>>(),
        [(run, &None)]
    );
    store.letters.discard(vec![failed.letters[0].id]).await.unwrap();
    assert!(store.letters.list(0, 10).await.unwrap().is_empty());

    let mut header = flow.header();
    header.trigger_kind = "error".into();
    let run = done(store.runs.turn(flow.first_turn(header, person(1))).await).header.id;
    let failure = Failure::new("HTTP-0404", FailureKind::Fatal, "not there", "Look elsewhere.");
    let event = Event::Performed { key: key("get"), result: Err(failure), at: Utc::now() };
    let failed = done(store.runs.turn(next(&flow, run, event).await).await);
    assert!(failed.letters.is_empty(), "errors of error workflows end there");
}

pub(crate) async fn a_paused_run_says_so(backend: &impl Backend) {
    let store = backend.open().await;
    let outside = json!({"kind": "ask", "config": {"action": "get", "outside": true}});
    let flow = Flow::publish(&store, chain("Asks", &[("get", outside), find()])).await;
    let run = flow.send(person(1)).await.header.id;
    let paused = Event::Paused { by: "Ada".into(), at: Utc::now() };
    let paused = done(store.runs.turn(next(&flow, run, paused).await).await);
    assert_eq!((paused.state.status, paused.state.resume), (RunStatus::Paused, true), "a call is under way");
    let result = Ok(Performed { output: json!({}), ..Performed::default() });
    let event = Event::Performed { key: key("get"), result, at: Utc::now() };
    let still = done(store.runs.turn(next(&flow, run, event).await).await);
    assert_eq!((still.state.status, still.state.resume), (RunStatus::Paused, false), "nothing new begins");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 0);
    let resumed = Event::Resumed { by: "Ada".into(), at: Utc::now() };
    let resumed = done(store.runs.turn(next(&flow, run, resumed).await).await);
    assert_eq!(resumed.state.status, RunStatus::Completed);
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 1);
}
