//! Looks at an app that changes while it is read: every record's last state is reported, and none twice.

use super::*;
use crate::interpreter::AskBody;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Milliseconds of the app's clock at the beginning.
const DAWN: i64 = 1_772_452_800_000;
const PAGE: usize = 3;

fn app(cursor: &str, order: &str, sort: &str) -> Arc<Manifest> {
    let text = format!(
        r#"manifest: 1
id: tiny
name: Tiny
version: 1.0.0
summary: A tiny app.
shelf: other
base_url: https://api.tiny.example
hosts: [api.tiny.example]
auth: [{{ id: basic, title: Password, grant: {{ kind: basic }} }}]
test: {{ action: look }}
actions:
  look: {{ title: Look, summary: Looks., request: {{ path: /look }}, examples: [{{ title: x, exchange: [], output: 1 }}] }}
triggers:
  changed:
    title: Changed
    summary: Starts.
    poll:
      request: {{ path: /things, query: {{ since: "{{{{ since }}}}", sort: {sort} }} }}
      paging:
        items: /items
        next: {{ by: cursor, at: /next, into: {{ query: after }} }}
      id: "{{{{ item.id }}}}"
      cursor: {cursor}
      order: {order}
    examples: [{{ title: x, exchange: [], starts: [] }}]
"#
    );
    Arc::new(Manifest::read(&text).unwrap_or_else(|refused| panic!("{refused}")))
}

/// The app's side.
#[derive(Debug, Default)]
struct World {
    clock: i64,
    /// Moment of the last change, by id.
    things: BTreeMap<u8, i64>,
    /// What is shown of them until their last change shows up.
    before: BTreeMap<u8, i64>,
    /// Milliseconds until a change of a record with an odd id shows up.
    lag: i64,
}

impl World {
    fn is_shown(&self, id: u8, changed: i64) -> bool {
        changed + self.lag * i64::from(id % 2) <= self.clock
    }

    /// A record changes at most once at the same moment, as far as anyone can tell.
    fn change(&mut self, id: u8) {
        let last = self.things.insert(id, self.clock).filter(|last| *last < self.clock);
        if let Some(last) = last.filter(|last| self.is_shown(id, *last)) {
            self.before.insert(id, last);
        }
    }

    fn answer(&self, ask: &Ask) -> Answer {
        let query: BTreeMap<String, String> = ask.url.query_pairs().into_owned().collect();
        assert!(matches!(ask.body, AskBody::None));
        let since = query.get("since").map(|since| {
            moment_of(&Value::String(since.clone())).map_or(0, |moment| moment.timestamp_millis())
        });
        let sort = query["sort"].as_str();
        let is_in = |changed: i64| {
            since.is_none_or(|since| if sort == "above" { changed > since } else { changed >= since })
        };
        let mut found: Vec<(u8, i64)> = self
            .things
            .iter()
            .filter_map(|(id, changed)| {
                let shown = self.is_shown(*id, *changed).then_some(*changed);
                shown.or_else(|| self.before.get(id).copied()).map(|changed| (*id, changed))
            })
            .filter(|(_, changed)| is_in(*changed))
            .collect();
        match sort {
            "oldest" | "above" => found.sort_by_key(|(id, changed)| (*changed, *id)),
            "newest" => found.sort_by_key(|(id, changed)| (-changed, *id)),
            _ => {}
        }
        let skip = query.get("after").map_or(0, |after| after.parse().unwrap());
        let items: Vec<Value> = found
            .iter()
            .skip(skip)
            .take(PAGE)
            .map(|(id, changed)| json!({ "id": id, "changed": changed }))
            .collect();
        let next = (skip + PAGE < found.len()).then(|| (skip + PAGE).to_string());
        let body = json!({ "items": items, "next": next });
        Answer::read(200, Vec::new(), body.to_string().as_bytes())
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.clock).unwrap()
    }
}

/// Who looks, and what was accepted.
struct Watcher {
    app: Arc<Manifest>,
    position: Position,
    reported: BTreeSet<String>,
    states: BTreeSet<(u64, i64)>,
}

impl Watcher {
    fn new(app: Arc<Manifest>, begin: Begin, now: DateTime<Utc>) -> Self {
        let position = Position::new(app.triggers["changed"].poll.as_ref().unwrap(), begin, now);
        Self { app, position, reported: BTreeSet::new(), states: BTreeSet::new() }
    }

    /// One page; `lost` stops before it was accepted.
    fn look(&mut self, world: &World, lost: bool) -> bool {
        let look = Look::new(&self.app, "changed", Order::default(), self.position.clone()).unwrap();
        let page = look.take(world.answer(&look.ask().unwrap()), world.now()).unwrap();
        if lost {
            return true;
        }
        for found in page.found {
            let state = (found.output["id"].as_u64().unwrap(), found.output["changed"].as_i64().unwrap());
            assert!(self.states.insert(state), "{state:?} was reported twice");
            assert!(self.reported.insert(found.key));
        }
        // What is kept goes through JSON.
        self.position = serde_json::from_value(serde_json::to_value(&page.position).unwrap()).unwrap();
        page.more
    }

    fn look_to_the_end(&mut self, world: &World) {
        for _ in 0..1_000 {
            if !self.look(world, false) {
                return;
            }
        }
        panic!("the look has no end");
    }
}

#[derive(Debug, Clone)]
enum Happens {
    Changed(u8),
    Passes(i64),
    Looked,
    Lost,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (0_u8..24).prop_map(Happens::Changed),
        2 => (0_i64..1_500).prop_map(Happens::Passes),
        3 => Just(Happens::Looked),
        1 => Just(Happens::Lost),
    ]
}

fn ways() -> Vec<(&'static str, &'static str, &'static str, i64)> {
    let time = |write: &str| -> &'static str {
        Box::leak(
            format!("{{ by: time, at: '{{{{ item.changed }}}}', overlap: 2, write: {write} }}")
                .into_boxed_str(),
        )
    };
    vec![
        (time("rfc3339"), "oldest_first", "oldest", 1_000),
        (time("unix_ms"), "oldest_first", "oldest", 0),
        (time("unix"), "oldest_first", "oldest", 900),
        (time("date"), "oldest_first", "oldest", 0),
        (time("rfc3339, exclusive: true"), "oldest_first", "above", 500),
        (time("rfc3339"), "newest_first", "newest", 1_000),
        (time("rfc3339_seconds"), "newest_first", "newest", 0),
        (time("rfc3339"), "any", "none", 1_000),
        ("{ by: nothing, version: '{{ item.changed }}' }", "any", "none", 0),
    ]
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_comes_twice(
        way in 0..ways().len(),
        story in proptest::collection::vec(happens(), 1..120),
    ) {
        let (cursor, order, sort, lag) = ways()[way];
        let mut world = World { clock: DAWN, lag, ..World::default() };
        let mut watcher = Watcher::new(app(cursor, order, sort), Begin::All, world.now());
        for step in story {
            match step {
                Happens::Changed(id) => world.change(id),
                Happens::Passes(millis) => world.clock += millis,
                Happens::Looked => { watcher.look(&world, false); }
                Happens::Lost => { watcher.look(&world, true); }
            }
        }
        world.clock += 5_000;
        watcher.look_to_the_end(&world);
        watcher.look_to_the_end(&world);
        for (id, changed) in &world.things {
            prop_assert!(watcher.states.contains(&(u64::from(*id), *changed)), "{id} at {changed} is missing: {world:?}");
        }
    }
}

#[test]
fn many_records_of_one_moment_are_read_page_by_page() {
    for (cursor, order, sort, _) in ways() {
        let mut world = World { clock: DAWN, ..World::default() };
        world.things = (0..20).map(|id| (id, DAWN)).collect();
        world.clock += 10_000;
        let mut watcher = Watcher::new(app(cursor, order, sort), Begin::All, world.now());
        watcher.look_to_the_end(&world);
        assert_eq!(watcher.states.len(), 20, "{cursor} {order}");
    }
}

#[test]
fn from_now_on_means_what_comes_after() {
    for (cursor, order, sort, _) in ways() {
        let mut world = World { clock: DAWN, ..World::default() };
        world.things = (0..10).map(|id| (id, DAWN - 500)).collect();
        let mut watcher = Watcher::new(app(cursor, order, sort), Begin::Now, world.now());
        watcher.look_to_the_end(&world);
        assert!(watcher.states.is_empty(), "{cursor}: {:?}", watcher.states);
        world.clock += 1_000;
        world.things.insert(3, world.clock);
        world.clock += 5_000;
        watcher.look_to_the_end(&world);
        assert_eq!(watcher.states, BTreeSet::from([(3, DAWN + 1_000)]), "{cursor} {order}");
    }
}

#[test]
fn from_a_day_on_means_from_that_day() {
    let (cursor, order, sort, _) = ways()[0];
    let mut world = World { clock: DAWN, ..World::default() };
    world.things = (0..10).map(|id| (id, DAWN - i64::from(id) * 1_000)).collect();
    let from = DateTime::from_timestamp_millis(DAWN - 4_000).unwrap();
    let mut watcher = Watcher::new(app(cursor, order, sort), Begin::Since(from), world.now());
    watcher.look_to_the_end(&world);
    assert_eq!(watcher.states.len(), 5);
}

#[test]
fn a_clock_that_is_ahead_does_not_hide_what_comes() {
    let (cursor, order, sort, _) = ways()[0];
    let mut world = World { clock: DAWN, ..World::default() };
    world.things = BTreeMap::from([(1, DAWN)]);
    let app = app(cursor, order, sort);
    let mut watcher = Watcher::new(app, Begin::All, world.now());
    // Our clock is an hour behind theirs.
    let behind =
        |world: &World| World { clock: world.clock, things: world.things.clone(), ..World::default() };
    let look = |watcher: &mut Watcher, world: &World| {
        let look = Look::new(&watcher.app, "changed", Order::default(), watcher.position.clone()).unwrap();
        let page = look.take(world.answer(&look.ask().unwrap()), world.now() - TimeDelta::hours(1)).unwrap();
        watcher.position = page.position;
        page.found.len()
    };
    assert_eq!(look(&mut watcher, &behind(&world)), 1);
    world.clock += 1_000;
    world.things.insert(2, world.clock);
    assert_eq!(look(&mut watcher, &behind(&world)), 1);
    assert_eq!(look(&mut watcher, &behind(&world)), 0);
}

#[test]
fn words_of_the_app_are_kept_and_the_first_is_asked_for() {
    let app = app(
        r#"{ by: token, at: /token, first: { request: { path: /first, query: { from: "{{ from }}" } }, at: /token } }"#,
        "any",
        "none",
    );
    let poll = app.triggers["changed"].poll.as_ref().unwrap();
    let now = DateTime::from_timestamp_millis(DAWN).unwrap();
    let mut position = Position::new(poll, Begin::Now, now);
    let mut asked = Vec::new();
    let mut found = Vec::new();
    for answer in [
        json!({ "token": "t0" }),
        json!({ "items": [{ "id": 1 }], "next": "p2", "token": "t1" }),
        json!({ "items": [{ "id": 2 }], "token": "t2" }),
        json!({ "items": [{ "id": 1 }], "token": "t3" }),
    ] {
        let look = Look::new(&app, "changed", Order::default(), position.clone()).unwrap();
        asked.push(look.ask().unwrap().url.to_string());
        let page = look.take(Answer::read(200, Vec::new(), answer.to_string().as_bytes()), now).unwrap();
        found.extend(page.found.into_iter().map(|found| found.output["id"].as_i64().unwrap()));
        position = page.position;
    }
    assert_eq!(
        asked,
        [
            "https://api.tiny.example/first?from=2026-03-02T12%3A00%3A00.000Z",
            "https://api.tiny.example/things?since=t0&sort=none",
            "https://api.tiny.example/things?since=t1&sort=none&after=p2",
            "https://api.tiny.example/things?since=t2&sort=none",
        ]
    );
    assert_eq!(found, [1, 2, 1]);
    assert_eq!(position.shown(poll), json!("t3"));
}

#[test]
fn a_list_that_is_too_long_to_compare_says_so() {
    let (cursor, order, sort, _) = ways()[8];
    let app = app(cursor, order, sort);
    let poll = app.triggers["changed"].poll.as_ref().unwrap();
    let now = DateTime::from_timestamp_millis(DAWN).unwrap();
    let position = Position::new(poll, Begin::All, now);
    let items: Vec<Value> = (0..=MOST_COMPARED).map(|id| json!({ "id": id, "changed": 1 })).collect();
    let look = Look::new(&app, "changed", Order::default(), position).unwrap();
    let answer = Answer::read(200, Vec::new(), json!({ "items": items }).to_string().as_bytes());
    assert_eq!(look.take(answer, now).unwrap_err().failure.code, "CONN-0017");
}
