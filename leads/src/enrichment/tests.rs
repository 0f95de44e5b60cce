//! The planner played to its end, by itself and by many runs at once.

use super::progress::Asking;
use super::*;
use crate::lead::Lead;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use trunkline_engine::failure::{Failure, FailureKind};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(9);

fn now() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn read(document: Value) -> Waterfall {
    Waterfall::deserialize(document).unwrap()
}

fn lead() -> Lead {
    let mut lead = Lead::new(Uuid::from_u128(1), "Known", now());
    lead.email = Some("ada@analytical.example".into());
    lead
}

fn provider(id: &str, fills: Value) -> Value {
    json!({
        "id": id, "name": id.to_uppercase(), "needs": ["email"], "cost_per_call": 0.05, "cost_per_hit": 0.1,
        "source": { "kind": "http", "url": format!("https://{id}.example/find"),
            "query": [{ "name": "email", "value": "{{ lead.email }}" }] },
        "fills": fills,
    })
}

fn fill(field: &str, trust: u8) -> Value {
    json!({ "field": field, "path": format!("data.{field}"), "trust": trust, "fresh_days": 90 })
}

fn two() -> Waterfall {
    read(json!({
        "fields": [{ "field": "industry" }, { "field": "company_size" }],
        "providers": [
            provider("first", json!([fill("industry", 60)])),
            provider("second", json!([fill("industry", 80), fill("company_size", 70)])),
        ],
    }))
}

/// A world with one lead, in which providers answer as they are told to.
struct World {
    waterfall: Waterfall,
    lead: Lead,
    provenance: BTreeMap<String, Provenance>,
    till: Till,
    answers: Answers,
    now: DateTime<Utc>,
}

impl World {
    fn new(waterfall: Waterfall) -> Self {
        let (till, answers) = (Till::default(), Answers::default());
        Self { waterfall, lead: lead(), provenance: BTreeMap::new(), till, answers, now: now() }
    }

    fn go_on(&mut self, progress: &mut Progress, answer: Option<&Answer>, run: u128) -> Next {
        let case = Case {
            waterfall: &self.waterfall,
            id: ID,
            lead: &self.lead,
            provenance: &self.provenance,
            now: self.now,
            run_id: Some(Uuid::from_u128(run)),
        };
        advance(&case, &mut self.till, &mut self.answers, progress, answer)
    }

    /// Plays one run to its end; what providers answer, by id. Gives the trace as ids with what happened.
    fn play(&mut self, answers: &[(&str, Answer)]) -> (Progress, Vec<(String, What)>) {
        let mut progress = Progress::default();
        let mut next = self.go_on(&mut progress, None, 1);
        for _ in 0..50 {
            match next {
                Next::Done => break,
                Next::WaitUntil(at) => {
                    self.now = at;
                    next = self.go_on(&mut progress, None, 1);
                }
                Next::Ask(ask) => {
                    self.now = self.now.max(ask.at);
                    let answer = answers.iter().find(|(id, _)| *id == ask.provider);
                    let answer = answer.unwrap_or_else(|| panic!("{} was asked", ask.provider)).1.clone();
                    next = self.go_on(&mut progress, Some(&answer), 1);
                }
            }
        }
        let trace = progress.trace.iter().map(|line| (line.provider.clone(), line.what)).collect();
        (progress, trace)
    }
}

fn back(data: Value) -> Answer {
    Answer::Back { status: 200, body: json!({ "data": data }) }
}

fn failed(kind: FailureKind, retry_at: Option<DateTime<Utc>>) -> Answer {
    let failure =
        Failure { retry_at, ..Failure::new("CALL-0010", kind, "the service answered 503", "Wait.") };
    Answer::Failed { failure }
}

fn traced(lines: &[(&str, What)]) -> Vec<(String, What)> {
    lines.iter().map(|(id, what)| ((*id).to_owned(), *what)).collect()
}

#[test]
fn providers_are_asked_in_order_until_everything_is_filled() {
    let mut world = World::new(two());
    let (progress, trace) = world.play(&[
        ("first", back(json!({ "industry": "Software" }))),
        ("second", back(json!({ "company_size": "250" }))),
    ]);
    assert_eq!(trace, traced(&[("first", What::Found), ("second", What::Found)]));
    assert_eq!(progress.found["industry"].value, "Software");
    assert_eq!(progress.found["company_size"].value, 250);
    assert_eq!((progress.asked(), progress.cost()), (2, Money::units(0.3)));
    let mut easy = two();
    easy.fields.pop();
    let (progress, trace) = World::new(easy).play(&[("first", back(json!({ "industry": "Software" })))]);
    assert_eq!(trace, traced(&[("first", What::Found)]));
    assert_eq!(progress.asked(), 1);
}

#[test]
fn a_more_trusted_word_wins_and_a_less_trusted_one_does_not() {
    let mut world = World::new(two());
    let (progress, _) = world.play(&[
        ("first", back(json!({ "industry": "Software" }))),
        ("second", back(json!({ "industry": "Data", "company_size": 9 }))),
    ]);
    assert_eq!(progress.found["industry"].value, "Data");
    let mut world = World::new(two());
    world.waterfall.providers.reverse();
    world.waterfall.fields[1].enough = 90;
    let (progress, _) = world.play(&[
        ("first", back(json!({ "industry": "Software" }))),
        ("second", back(json!({ "industry": "Data", "company_size": 9 }))),
    ]);
    assert_eq!(progress.found["industry"].value, "Data");
}

#[test]
fn what_a_person_wrote_stays_and_what_grew_old_is_asked_again() {
    let mut world = World::new(two());
    world.waterfall.fields.pop();
    world.lead.industry = Some("Railways".into());
    assert_eq!(world.play(&[]).1, []);
    let origin = Provenance {
        field: "industry".into(),
        value: json!("Railways"),
        provider: "second".into(),
        name: "SECOND".into(),
        waterfall: ID,
        trust: 80,
        fresh_days: 90,
        at: world.now - TimeDelta::days(89),
        run_id: None,
    };
    world.provenance.insert("industry".into(), origin);
    assert_eq!(world.play(&[]).1, []);
    world.now += TimeDelta::days(2);
    let (progress, trace) = world.play(&[("first", back(json!({ "industry": "Software" })))]);
    assert_eq!(trace, traced(&[("first", What::Found)]));
    assert!(beats(&progress.found["industry"], &Standing::Stale));
    // Somebody changed it since: it is theirs, and does not grow old.
    world.lead.industry = Some("Canals".into());
    assert_eq!(world.play(&[]).1, []);
}

#[test]
fn answers_are_remembered_also_that_nobody_is_known() {
    let mut world = World::new(two());
    let answers = [
        ("first", back(json!({ "industry": "Software" }))),
        ("second", Answer::Back { status: 404, body: Value::Null }),
    ];
    world.play(&answers);
    let (progress, trace) = world.play(&[]);
    assert_eq!(trace, traced(&[("first", What::Remembered), ("second", What::RememberedNotFound)]));
    assert_eq!(progress.found["industry"].at, now());
    assert_eq!(progress.cost(), Money::NONE);
    world.now += TimeDelta::days(31);
    let (_, trace) = world.play(&answers);
    assert_eq!(trace, traced(&[("first", What::Remembered), ("second", What::NotFound)]));
    // Another lead with the same question is the same question.
    world.lead.id = Uuid::from_u128(2);
    assert_eq!(world.play(&[]).0.asked(), 0);
    world.lead.email = Some("bob@other.example".into());
    assert_eq!(world.play(&answers).0.asked(), 2);
}

#[test]
fn budgets_leave_providers_out_and_say_so() {
    let mut world = World::new(two());
    world.waterfall.providers[0].budget.calls_per_month = Some(0);
    world.waterfall.budget.money_per_day = Some(Money::units(0.14));
    let (progress, trace) = world.play(&[]);
    assert_eq!(trace, traced(&[("first", What::OverBudget), ("second", What::OverBudget)]));
    assert!(progress.trace[0].text.contains("the calls of the month are used up"));
    assert!(progress.trace[1].text.contains("the money of the day is used up for all providers together"));
    // What a miss did not cost is there for the next question.
    world.waterfall.budget.money_per_day = Some(Money::units(0.2));
    world.play(&[("second", Answer::Back { status: 404, body: Value::Null })]);
    assert_eq!(world.till.meter("second").on_day(now()).spent, Money::units(0.05));
    world.lead.email = Some("bob@other.example".into());
    world.play(&[("second", back(json!({ "company_size": 5 })))]);
    let month = world.till.meter(WHOLE).in_month(now());
    assert_eq!((month.calls, month.hits, month.spent), (2, 1, Money::units(0.2)));
    assert_eq!(world.till.meter(WHOLE).in_month(now() + TimeDelta::days(30)).calls, 0);
}

#[test]
fn trouble_is_tried_again_as_said_and_then_left() {
    let mut world = World::new(two());
    world.waterfall.providers[0].attempts = 2;
    world.waterfall.providers[0].wait_seconds = 3;
    let begun = world.now;
    let (_, trace) = world.play(&[
        ("first", failed(FailureKind::Temporary, None)),
        ("second", back(json!({ "industry": "Data", "company_size": 9 }))),
    ]);
    assert_eq!(trace, traced(&[("first", What::Failed), ("first", What::Failed), ("second", What::Found)]));
    assert_eq!((world.now - begun).num_seconds(), 3);
    // Too many calls: nobody asks it before it said so, and a turn that is too far off is not waited for.
    let mut world = World::new(two());
    let until = world.now + TimeDelta::minutes(10);
    world.play(&[
        ("first", failed(FailureKind::RateLimited, Some(until))),
        ("second", Answer::Back { status: 404, body: Value::Null }),
    ]);
    assert_eq!(world.till.meter("first").on_day(now()).spent, Money::NONE);
    let (progress, trace) = world.play(&[]);
    assert_eq!(trace, traced(&[("first", What::Busy), ("second", What::RememberedNotFound)]));
    assert!(progress.trace[0].text.contains("no turn within the next 600 s"), "{:?}", progress.trace);
}

#[test]
fn a_question_that_is_out_is_not_asked_by_another_run() {
    let mut world = World::new(two());
    let (mut one, mut other) = (Progress::default(), Progress::default());
    let Next::Ask(_) = world.go_on(&mut one, None, 1) else { panic!("not asked") };
    let Next::WaitUntil(at) = world.go_on(&mut other, None, 2) else { panic!("asked twice") };
    assert!(at > world.now);
    let answer = back(json!({ "industry": "Software" }));
    let Next::Ask(_) = world.go_on(&mut one, Some(&answer), 1) else { panic!("the second is not asked") };
    world.now = at;
    let Next::WaitUntil(_) = world.go_on(&mut other, None, 2) else { panic!("the second is asked twice") };
    assert_eq!(other.trace[0].what, What::Remembered);
    // A run that never comes back holds nobody up for ever.
    world.now += TimeDelta::minutes(3);
    let Next::Ask(ask) = world.go_on(&mut other, None, 2) else { panic!("nobody asks") };
    assert_eq!(ask.provider, "second");
    assert_eq!(other.asking.as_ref().map(|asking: &Asking| asking.provider.as_str()), Some("second"));
}

#[test]
fn what_cannot_be_asked_is_skipped_with_its_reason() {
    let mut world = World::new(two());
    world.waterfall.providers[1].off = true;
    world.lead.email = None;
    let (progress, trace) = world.play(&[]);
    assert_eq!(trace, traced(&[("first", What::Skipped), ("second", What::Skipped)]));
    assert_eq!(progress.trace[0].text, "FIRST needs E-mail, which the lead does not have.");
    assert_eq!(progress.trace[1].text, "SECOND is switched off.");
    let mut world = World::new(two());
    let (_, trace) = world.play(&[
        ("first", Answer::WouldAsk),
        ("second", back(json!({ "industry": ["a", "list"], "company_size": "many" }))),
    ]);
    assert_eq!(trace, traced(&[("first", What::WouldAsk), ("second", What::NotFound)]));
}

#[test]
fn problems_name_what_they_are_about_and_words_say_it() {
    assert_eq!(two().problems(), []);
    assert_eq!(
        two().in_words(),
        [
            "It fills Industry and Company size.",
            "First FIRST is asked for Industry (trust 60), if the lead has E-mail; 0.05 EUR a call, 0.10 EUR a hit.",
            "Then SECOND is asked for Industry (trust 80) and Company size (trust 70), if the lead has E-mail; \
             0.05 EUR a call, 0.10 EUR a hit.",
        ]
    );
    let bad = read(json!({
        "currency": "euro", "trust_of_own": 120,
        "fields": [{ "field": "consent" }, { "field": "city" }],
        "providers": [{
            "id": "a b", "name": "", "source": { "kind": "http", "url": "ftp://x" },
            "fills": [{ "field": "city", "path": "", "trust": 101 }], "attempts": 0, "per_minute": 0,
        }],
    }));
    let at: Vec<String> = bad.problems().into_iter().map(|(at, _)| at).collect();
    for expected in [
        "/fields/0",
        "/trust_of_own",
        "/currency",
        "/providers/0/id",
        "/providers/0/name",
        "/providers/0/fills/0/path",
        "/providers/0/fills/0/trust",
        "/providers/0/per_minute",
        "/providers/0/attempts",
        "/providers/0/source/url",
    ] {
        assert!(at.iter().any(|pointer| pointer == expected), "{expected} is not among {at:?}");
    }
    assert_eq!(read(json!({})).problems().len(), 2);
}

/// What a provider does when it is asked, by chance.
fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(back(json!({ "industry": "Software", "company_size": 40 }))),
        Just(back(json!({ "industry": "Data" }))),
        Just(back(json!({ "company_size": 900 }))),
        Just(Answer::Back { status: 404, body: Value::Null }),
        Just(failed(FailureKind::Temporary, None)),
        Just(failed(FailureKind::Timeout, None)),
        Just(failed(FailureKind::RateLimited, Some(now() + TimeDelta::minutes(30)))),
        Just(failed(FailureKind::Auth, None)),
    ]
}

proptest! {
    /// Many runs of several leads, in any order, with any answers.
    #[test]
    fn nothing_is_overspent_asked_twice_or_overwritten(
        moves in prop::collection::vec((0_usize..6, any_answer(), 0_i64..40), 1..120),
        calls in 1_u64..12,
        money in 0_u32..200,
        per_minute in 1_u32..20,
        own in 0_u8..=100,
    ) {
        let mut waterfall = two();
        waterfall.trust_of_own = own;
        waterfall.budget.money_per_day = Some(Money::units(f64::from(money) / 100.0));
        waterfall.providers[0].budget.calls_per_day = Some(calls);
        waterfall.providers[1].per_minute = Some(per_minute);
        waterfall.providers[1].attempts = 3;
        let mut world = World::new(waterfall);
        let mut runs: Vec<(Progress, Option<Box<Ask>>)> = vec![Default::default(); 6];
        // Questions that are out, and until when others leave them alone.
        let mut out: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        let mut asked: Vec<(String, DateTime<Utc>)> = Vec::new();
        for (number, answer, seconds) in moves {
            world.now += TimeDelta::seconds(seconds);
            world.lead.id = Uuid::from_u128(100 + number as u128 / 2);
            world.lead.email = Some(format!("lead{}@x.example", number / 2));
            world.lead.industry = (number % 3 == 0).then(|| "Own".to_owned());
            let (mut progress, ask) = std::mem::take(&mut runs[number]);
            if let Some(ask) = &ask {
                if ask.at > world.now {
                    runs[number] = (progress, Some(ask.clone()));
                    continue;
                }
                out.remove(&ask.request.url);
            }
            let before = progress.found.clone();
            let next = world.go_on(&mut progress, ask.is_some().then_some(&answer), number as u128);
            for (field, found) in &progress.found {
                if let Some(was) = before.get(field) {
                    prop_assert!(found.trust >= was.trust);
                }
                if field == "industry" && number % 3 == 0 {
                    prop_assert!(found.trust > own, "a trusted value gives way");
                }
            }
            if let Next::Ask(ask) = next {
                let until = ask.at + TimeDelta::minutes(2);
                let before = out.insert(ask.request.url.clone(), until);
                prop_assert!(before.is_none_or(|until| until <= world.now), "asked by two at once");
                asked.push((ask.provider.clone(), ask.at));
                runs[number] = (progress, Some(ask));
            } else if !matches!(next, Next::Done) {
                runs[number] = (progress, None);
            }
            for provider in ["first", "second", WHOLE] {
                let day = world.till.meter(provider).on_day(world.now);
                prop_assert!(day.hits <= day.calls);
                if provider == "first" {
                    prop_assert!(day.calls <= calls);
                }
                prop_assert!(day.spent <= Money::units(f64::from(money) / 100.0));
            }
            let (one, two) = (world.till.meter("first"), world.till.meter("second"));
            let sum = one.on_day(world.now).spent.and(two.on_day(world.now).spent);
            prop_assert_eq!(sum, world.till.meter(WHOLE).on_day(world.now).spent);
        }
        let mut turns: Vec<_> = asked.iter().filter(|(id, _)| id == "second").map(|(_, at)| *at).collect();
        turns.sort_unstable();
        for (first, last) in turns.iter().zip(turns.iter().skip(per_minute as usize)) {
            prop_assert!(*last - *first >= TimeDelta::minutes(1), "too many in a minute");
        }
    }

    /// A run ends, whatever is answered.
    #[test]
    fn a_run_comes_to_its_end(answers in prop::collection::vec(any_answer(), 30)) {
        let mut world = World::new(two());
        world.waterfall.providers[0].attempts = 5;
        let mut progress = Progress::default();
        let mut next = world.go_on(&mut progress, None, 1);
        let mut left = answers.iter();
        while let Next::Ask(ask) = &next {
            world.now = world.now.max(ask.at);
            next = world.go_on(&mut progress, Some(left.next().expect("more questions than may be")), 1);
        }
        prop_assert_eq!(next, Next::Done);
        prop_assert!(progress.asked() <= 6);
    }
}
