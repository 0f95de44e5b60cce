//! What a document means, told slowly: after everything that happens all steps are looked at again, until none moves.
//! It shares no code with the machine and knows only the document, as JSON.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use trunkline_engine::failure::FailureKind;
use trunkline_engine::run::{EffectKey, Event};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    Failed,
    Skipped,
}

/// A step that has begun.
#[derive(Debug, Clone)]
struct Begun {
    failures: u64,
    end: Option<(State, Option<String>, Value)>,
    /// The loop it is.
    each: Option<Each>,
}

#[derive(Debug, Clone)]
struct Each {
    /// Results by item, once there are any.
    results: Vec<Option<(bool, Value)>>,
    opened: usize,
}

/// See the [module](self).
pub(crate) struct Interpreter {
    document: Value,
    n: i64,
    /// Steps that began or were skipped, by the items around them.
    steps: BTreeMap<(Vec<u32>, String), Begun>,
    asked: BTreeSet<EffectKey>,
    taken: BTreeMap<(String, usize), u64>,
    verdict: Option<&'static str>,
    cut_short: bool,
}

impl Interpreter {
    pub(crate) fn new(document: &Value, n: i64) -> Self {
        Self {
            document: document.clone(),
            n,
            steps: BTreeMap::new(),
            asked: BTreeSet::new(),
            taken: BTreeMap::new(),
            verdict: None,
            cut_short: false,
        }
    }

    pub(crate) fn begin(&mut self) {
        let output = json!({"body": {"n": self.n}});
        self.enter(&[], "go");
        self.end(&[], "go", State::Done, Some("out"), output);
        self.settle();
    }

    pub(crate) fn asked(&self) -> BTreeSet<EffectKey> {
        self.asked.clone()
    }

    pub(crate) fn verdict(&self) -> Option<&'static str> {
        self.verdict
    }

    /// Whether the run ended before every step had its say.
    pub(crate) fn was_cut_short(&self) -> bool {
        self.cut_short
    }

    pub(crate) fn ends(&self) -> BTreeMap<EffectKey, (State, Value)> {
        let ended = self.steps.iter().filter_map(|((items, step), begun)| {
            let (state, _, output) = begun.end.clone()?;
            Some((EffectKey { step: step.clone(), items: items.clone() }, (state, output)))
        });
        ended.collect()
    }

    /// How often each edge was taken: the root's, then each body's as it is met.
    pub(crate) fn edges(&self) -> Vec<u64> {
        let mut counts = Vec::new();
        self.count_edges("", &self.document, &mut counts);
        counts
    }

    fn count_edges(&self, of: &str, graph: &Value, counts: &mut Vec<u64>) {
        let edges = graph["edges"].as_array().unwrap();
        counts.extend((0..edges.len()).map(|at| self.taken.get(&(of.to_owned(), at)).copied().unwrap_or(0)));
        for (id, step) in graph["steps"].as_object().unwrap() {
            if step.get("body").is_some() {
                self.count_edges(id, &step["body"], counts);
            }
        }
    }

    /// Takes an answer in.
    pub(crate) fn take(&mut self, event: &Event) {
        let key = event.key().unwrap();
        self.asked.remove(key);
        let (items, id) = (key.items.clone(), key.step.clone());
        match event {
            Event::Woke { .. } => drop(self.asked.insert(key.clone())),
            Event::Performed { result: Ok(performed), .. } => {
                self.end(&items, &id, State::Done, Some("out"), performed.output.clone());
            }
            Event::Performed { result: Err(failure), .. } => {
                let begun = self.steps.get_mut(&(items.clone(), id.clone())).unwrap();
                begun.failures += 1;
                let failures = begun.failures;
                let times = self.step(&id)["retry"]["times"].as_u64().unwrap_or(0);
                if failure.kind == FailureKind::Temporary && failures <= times {
                    self.asked.insert(key.clone());
                } else {
                    self.fail(&items, &id, &failure.code);
                }
            }
            other => panic!("nobody asked for {other:?}"),
        }
        self.settle();
    }

    /// Looks at every step of every open graph until none moves.
    fn settle(&mut self) {
        while self.verdict.is_none() && self.pass() {}
        if self.verdict.is_none() && self.is_over(&[], &self.document) {
            self.verdict = Some("completed");
        }
        if self.verdict.is_some() {
            self.asked.clear();
        }
    }

    fn pass(&mut self) -> bool {
        let document = self.document.clone();
        if self.look(&[], "", &document) {
            return true;
        }
        // Loops in progress, those inside others after those around them.
        let open = self.steps.iter().filter(|(_, begun)| begun.end.is_none() && begun.each.is_some());
        let open: Vec<(Vec<u32>, String)> = open.map(|(key, _)| key.clone()).collect();
        open.into_iter().any(|(items, id)| self.look_at_loop(&items, &id))
    }

    /// Moves one step of a graph, if any can move.
    fn look(&mut self, items: &[u32], of: &str, graph: &Value) -> bool {
        let edges = graph["edges"].as_array().unwrap().clone();
        for (id, step) in graph["steps"].as_object().unwrap() {
            if self.steps.contains_key(&(items.to_vec(), id.clone())) {
                continue;
            }
            let into: Vec<&Value> = edges.iter().filter(|edge| edge["to"] == id.as_str()).collect();
            let settled: Vec<Option<bool>> = into.iter().map(|edge| self.arrived(items, edge)).collect();
            let any = settled.contains(&Some(true));
            let all = settled.iter().all(Option::is_some);
            let begins_body = into.is_empty() && !of.is_empty();
            if begins_body || (any && (all || step["join"] == "first")) {
                self.run(items, id, step);
                return true;
            }
            if all && !any {
                self.enter(items, id);
                self.end(items, id, State::Skipped, None, Value::Null);
                return true;
            }
        }
        false
    }

    /// Whether an edge was taken; nothing while that is open.
    fn arrived(&self, items: &[u32], edge: &Value) -> Option<bool> {
        let from = edge["from"].as_str().unwrap();
        let (_, port, _) = self.steps.get(&(items.to_vec(), from.to_owned()))?.end.as_ref()?;
        Some(port.as_deref() == Some(edge["port"].as_str().unwrap_or("out")))
    }

    fn enter(&mut self, items: &[u32], id: &str) {
        let begun = Begun { failures: 0, end: None, each: None };
        self.steps.insert((items.to_vec(), id.to_owned()), begun);
    }

    fn run(&mut self, items: &[u32], id: &str, step: &Value) {
        self.enter(items, id);
        let config = &step["config"];
        if step["disabled"] == true {
            return self.end(items, id, State::Skipped, Some("out"), Value::Null);
        }
        let at_least = |value: &Value| self.n >= value.as_i64().unwrap();
        match step["kind"].as_str().unwrap() {
            "set_fields" => {
                let value = match &config["fields"][0]["value"] {
                    Value::String(_) => json!(items.last().unwrap()),
                    value => value.clone(),
                };
                self.end(items, id, State::Done, Some("out"), json!({"v": value}));
            }
            "if" => {
                let yes = at_least(&config["condition"]["value"]);
                let port = if yes { "yes" } else { "no" };
                self.end(items, id, State::Done, Some(port), json!({"result": yes}));
            }
            "switch" => {
                let cases = config["cases"].as_array().unwrap();
                let case = cases.iter().find(|case| at_least(&case["condition"]["value"]));
                let (port, label) = case.map_or(("default", "Otherwise"), |case| {
                    (case["id"].as_str().unwrap(), case["label"].as_str().unwrap())
                });
                let (port, output) = (port.to_owned(), json!({"branch": port, "label": label}));
                self.end(items, id, State::Done, Some(&port), output);
            }
            "filter_list" => {
                let least = config["condition"]["value"].as_i64().unwrap();
                let all = config["items"].as_array().unwrap();
                let kept: Vec<&Value> = all.iter().filter(|item| item.as_i64().unwrap() >= least).collect();
                let (count, left_out) = (kept.len(), all.len() - kept.len());
                let output = json!({"items": kept, "count": count, "left_out": left_out});
                self.end(items, id, State::Done, Some("out"), output);
            }
            "aggregate" => self.end(items, id, State::Done, Some("out"), json!({"total": 3})),
            "http_request" => {
                self.asked.insert(EffectKey { step: id.to_owned(), items: items.to_vec() });
            }
            "stop" => {
                let failed = config["outcome"] == "failed";
                let state = if failed { State::Failed } else { State::Done };
                self.end(items, id, state, None, Value::Null);
                self.verdict = Some(if failed { "failed" } else { "completed" });
                self.cut_short = true;
            }
            "loop" => {
                let count = config["items"].as_array().unwrap().len();
                if count == 0 {
                    let output = json!({"items": [], "count": 0, "failed": 0});
                    return self.end(items, id, State::Done, Some("out"), output);
                }
                let each = Each { results: vec![None; count], opened: 0 };
                self.steps.get_mut(&(items.to_vec(), id.to_owned())).unwrap().each = Some(each);
            }
            other => panic!("no {other} is drawn"),
        }
    }

    /// Moves one item of a loop, opens the next, or ends the loop.
    fn look_at_loop(&mut self, items: &[u32], id: &str) -> bool {
        let step = self.step(id);
        let parallel = usize::try_from(step["config"]["parallel"].as_u64().unwrap()).unwrap();
        let key = (items.to_vec(), id.to_owned());
        let Some(each) = self.steps.get(&key).and_then(|begun| begun.each.clone()) else { return false };
        let active = (0..each.opened).filter(|item| each.results[*item].is_none());
        for item in active.clone() {
            let inner: Vec<u32> = items.iter().copied().chain([u32::try_from(item).unwrap()]).collect();
            if self.look(&inner, id, &step["body"]) {
                return true;
            }
            if self.is_over(&inner, &step["body"]) {
                let result = self.last_output(&inner, &step["body"]);
                self.result(&key, item, (false, result));
                return true;
            }
        }
        if active.count() < parallel && each.opened < each.results.len() {
            self.steps.get_mut(&key).unwrap().each.as_mut().unwrap().opened += 1;
            return true;
        }
        if each.results.iter().all(Option::is_some) {
            let results: Vec<(bool, Value)> = each.results.into_iter().flatten().collect();
            let failed = results.iter().filter(|(failed, _)| *failed).count();
            let count = results.len();
            let values: Vec<Value> = results.into_iter().map(|(_, value)| value).collect();
            let output = json!({"items": values, "count": count, "failed": failed});
            self.end(items, id, State::Done, Some("out"), output);
            return true;
        }
        false
    }

    fn result(&mut self, key: &(Vec<u32>, String), item: usize, result: (bool, Value)) {
        let each = self.steps.get_mut(key).unwrap().each.as_mut().unwrap();
        each.results[item] = Some(result);
    }

    /// The output of the last step of a chain.
    fn last_output(&self, items: &[u32], graph: &Value) -> Value {
        let last = graph["steps"].as_object().unwrap().keys().next_back().unwrap();
        let begun = &self.steps[&(items.to_vec(), last.clone())];
        begun.end.as_ref().unwrap().2.clone()
    }

    fn is_over(&self, items: &[u32], graph: &Value) -> bool {
        let ended = |id: &String| {
            self.steps.get(&(items.to_vec(), id.clone())).is_some_and(|begun| begun.end.is_some())
        };
        graph["steps"].as_object().unwrap().keys().all(ended)
    }

    /// A step failed for good.
    fn fail(&mut self, items: &[u32], id: &str, code: &str) {
        let output = json!({"error": code});
        match self.step(id)["on_error"].as_str() {
            Some("continue") => self.end(items, id, State::Failed, Some("out"), output),
            Some("branch") => self.end(items, id, State::Failed, Some("error"), output),
            _ => {
                self.end(items, id, State::Failed, None, Value::Null);
                let Some((around, loop_id)) = self.loop_around(items, id) else {
                    self.verdict = Some("failed");
                    self.cut_short = true;
                    return;
                };
                if self.step(&loop_id)["config"]["on_item_error"] == "collect" {
                    let item = usize::try_from(*items.last().unwrap()).unwrap();
                    self.result(&(around, loop_id), item, (true, output));
                } else {
                    self.close_items(&around, &loop_id);
                    self.fail(&around, &loop_id, code);
                }
            }
        }
    }

    /// Nothing inside a loop is waited for any more.
    fn close_items(&mut self, around: &[u32], loop_id: &str) {
        let inside = |items: &[u32]| items.len() > around.len() && items.starts_with(around);
        let body = self.step(loop_id)["body"].to_string();
        let of_body = |id: &str| body.contains(&format!("\"{id}\""));
        self.asked.retain(|key| !(inside(&key.items) && of_body(&key.step)));
        self.steps.retain(|(items, id), begun| !(inside(items) && of_body(id)) || begun.end.is_some());
    }

    /// The loop whose body holds step `id`.
    fn loop_around(&self, items: &[u32], id: &str) -> Option<(Vec<u32>, String)> {
        fn find(graph: &Value, id: &str) -> Option<String> {
            graph["steps"].as_object().unwrap().iter().find_map(|(around, step)| {
                let body = step.get("body")?;
                if body["steps"].get(id).is_some() { Some(around.clone()) } else { find(body, id) }
            })
        }
        Some((items[..items.len().checked_sub(1)?].to_vec(), find(&self.document, id)?))
    }

    fn step(&self, id: &str) -> Value {
        fn find(graph: &Value, id: &str) -> Option<Value> {
            let steps = graph["steps"].as_object().unwrap();
            steps.get(id).cloned().or_else(|| steps.values().find_map(|step| find(step.get("body")?, id)))
        }
        find(&self.document, id).unwrap()
    }

    /// Ends a step, and counts the edges it leaves by.
    fn end(&mut self, items: &[u32], id: &str, state: State, port: Option<&str>, output: Value) {
        let of = if items.is_empty() { String::new() } else { self.loop_around(items, id).unwrap().1 };
        let graph = if of.is_empty() { self.document.clone() } else { self.step(&of)["body"].clone() };
        for (at, edge) in graph["edges"].as_array().unwrap().iter().enumerate() {
            if edge["from"] == id && port == Some(edge["port"].as_str().unwrap_or("out")) {
                *self.taken.entry((of.clone(), at)).or_default() += 1;
            }
        }
        let begun = self.steps.get_mut(&(items.to_vec(), id.to_owned())).unwrap();
        begun.end = Some((state, port.map(ToOwned::to_owned), output));
    }
}
