//! The step `sync_records`: a record has changed on one side, and both sides come to agree.

use super::party::{Call, Party, PartySettings};
use super::plan::{Base, FieldPair, Flow, Now, Plan, Side, agreed, is_echo, plan};
use super::progress::{Progress, Stage};
use crate::catalog::Catalog;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{
    Access, Category, ConfigProblem, Context, Descriptor, Done, Example, Exchange, Operation, Outcome,
    Performer, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Its name in documents.
pub(crate) const KIND: &str = "sync_records";
/// Most fields of a pair.
const MOST_FIELDS: usize = 200;

/// Settings of `sync_records`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// One side, usually the CRM.
    #[schemars(title = "Left")]
    left: PartySettings,
    /// The other side, usually marketing.
    #[schemars(title = "Right")]
    right: PartySettings,
    /// The record of the left that has changed, if it is one of the left.
    #[serde(default)]
    #[schemars(title = "Changed on the left", extend("x-ui" = "template"))]
    left_record: Dynamic,
    /// The record of the right that has changed, if it is one of the right.
    #[serde(default)]
    #[schemars(title = "Changed on the right", extend("x-ui" = "template"))]
    right_record: Dynamic,
    /// The fields that are kept in step. Each names the field on the left and on the right, whose changes flow
    /// (`both`, `to_right`, `to_left`) and what holds when both have changed (`newest`, `left_wins`, `right_wins`,
    /// `never_overwrite`).
    #[schemars(title = "Fields", extend("x-ui" = "code_json"))]
    fields: Vec<FieldPair>,
    /// Where a record is added that only one side has.
    #[serde(default)]
    #[schemars(
        title = "Add missing records",
        extend("x-labels" = {"both": "On both sides", "left": "On the left only", "right": "On the right only", "nowhere": "Nowhere"})
    )]
    create: Create,
    /// The data table that remembers which records belong together and what they had when they last agreed.
    #[schemars(title = "Table")]
    table: String,
}

/// Where a record is added that only one side has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Create {
    /// On either side.
    #[default]
    Both,
    /// On the left.
    Left,
    /// On the right.
    Right,
    /// On neither.
    Nowhere,
}

/// The step kind; the apps of `catalog` can be its sides.
pub(crate) fn kind(catalog: &Catalog) -> StepKind {
    let catalog = catalog.clone();
    StepKind::described(descriptor(), move |config| compile(&catalog, config))
}

fn descriptor() -> Descriptor {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<Settings>()
        .to_value();
    let sample = json!({
        "result": "written", "left_id": "512", "right_id": "77", "to_left": {}, "to_right": { "firstName": "Ada" },
        "conflicts": [], "differing": [],
    });
    Descriptor {
        kind: KIND.into(),
        title: "Keep two records in step".into(),
        summary: "Brings a record and its twin in another app to agree, field by field.".into(),
        help: HELP.trim().into(),
        icon: "loop".into(),
        category: Category::Connect,
        keywords: ["sync", "two-way", "mirror", "crm", "map", "field mapping"].map(String::from).into(),
        schema,
        default_config: json!({
            "left": { "app": "", "records": "", "connection": "" }, "right": { "app": "", "records": "", "connection": "" },
            "left_record": "", "right_record": "", "fields": [], "create": "both", "table": "",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Checked,
        promise_text: "Updates are harmless to repeat. A record that was to be added and whose answer is lost is looked for \
                       before anybody adds it again, or a person is asked, as its app's action promises."
            .into(),
        has_error_port: true,
        body: None,
        example: Example {
            config: json!({
                "left": { "app": "hubspot", "records": "contact", "connection": "01890000-0000-7000-8000-000000000001" },
                "right": { "app": "hubspot", "records": "contact", "connection": "01890000-0000-7000-8000-000000000002" },
                "left_record": "{{ steps.left }}", "right_record": "{{ steps.right }}",
                "fields": [{ "left": "firstname", "right": "firstname", "flow": "both", "rule": "newest" }],
                "create": "both", "table": "Contacts in step",
            }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: sample,
        summary_template: "{table}".into(),
    }
}

const HELP: &str = r"
Settings > Two-way sync sets this step up together with the triggers of both sides and the table; it is the easier way.

Both records are read, compared with what they had when they last agreed, and only what has changed is written. What this
step wrote itself is recognised when the other side's trigger reports it, so two systems never keep answering each other.

The output says what came of it: `written`, `same`, `echo` (a report of our own write), `added`, `alone` (only one side has
the record and it is not to be added), `gone` (one of them was deleted) or `taken` (its twin belongs to another record).
";

#[derive(Debug)]
struct SyncRecords {
    settings: Settings,
    left: Option<Party>,
    right: Option<Party>,
    problems: Vec<ConfigProblem>,
}

fn compile(catalog: &Catalog, config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
    let settings: Settings = serde_path_to_error::deserialize(config).map_err(|error| ConfigProblem {
        code: "DOC-0007",
        field: format!("/{}", error.path().to_string().replace('.', "/")),
        message: error.inner().to_string(),
        action: "Correct this field; the step's help shows an example.".into(),
    })?;
    let mut problems = Vec::new();
    let left = party(catalog, Side::Left, &settings, &mut problems);
    let right = party(catalog, Side::Right, &settings, &mut problems);
    let mut blank =
        |field: &str, message: &str, action: &str| problems.push(problem(field, message.into(), action));
    if settings.table.trim().is_empty() {
        blank("table", "no table is named", "Choose the table that remembers what belongs together.");
    }
    if settings.fields.is_empty() || settings.fields.len() > MOST_FIELDS {
        blank("fields", "there are no fields to keep in step, or more than 200", "Name the fields.");
    }
    Ok(Box::new(SyncRecords { settings, left, right, problems }))
}

fn problem(field: &str, message: String, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0027", field: format!("/{field}"), message, action: action.into() }
}

fn party(
    catalog: &Catalog,
    side: Side,
    settings: &Settings,
    problems: &mut Vec<ConfigProblem>,
) -> Option<Party> {
    let given = if side == Side::Left { &settings.left } else { &settings.right };
    let at = |field: &str| format!("{}/{field}", side.as_str());
    if given.connection.trim().is_empty() {
        problems.push(problem(&at("connection"), "no account is chosen".into(), "Choose a connection."));
    }
    let manifest = catalog.get(&given.app).cloned();
    let Some(manifest) = manifest.filter(|manifest| manifest.records.contains_key(&given.records)) else {
        let message =
            format!("\"{}\" has no records called \"{}\" that can be kept in step", given.app, given.records);
        problems.push(problem(&at("records"), message, "Choose an app and its kind of records."));
        return None;
    };
    let mut party = Party { manifest, settings: given.clone(), fields: Vec::new() };
    let names = settings.fields.iter().map(|pair| if side == Side::Left { &pair.left } else { &pair.right });
    let mut fields: Vec<String> = names.cloned().collect();
    fields.push(party.known_by().to_owned());
    fields.sort();
    fields.dedup();
    party.fields = fields;
    Some(party)
}

impl Step for SyncRecords {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let of = |record: &Dynamic| {
            record.value(context.scope).map(|record| Some(record).filter(Value::is_object))
        };
        let (left, right) = (of(&self.settings.left_record)?, of(&self.settings.right_record)?);
        let (side, record) = match (left, right) {
            (Some(record), None) => (Side::Left, record),
            (None, Some(record)) => (Side::Right, record),
            _ => return Err(whose()),
        };
        let party = self.party(side)?;
        let (id, reported) = (party.id(&record)?, party.now(&record)?.values);
        if id.is_empty() {
            return Err(whose());
        }
        let mut progress = Progress {
            stage: Stage::Link,
            side,
            left_id: None,
            right_id: None,
            reported,
            base: None,
            left: None,
            right: None,
            to_left: Map::new(),
            to_right: Map::new(),
            said: json!({}),
        };
        let look = self.rows_of(side, &id);
        progress.set_id(side, id);
        ask(progress, Stage::Link, look)
    }

    fn answered(
        &self,
        context: &Context<'_>,
        memo: &Value,
        result: Result<Performed, Failure>,
    ) -> Result<Outcome, Failure> {
        let mut progress = Progress::deserialize(memo).map_err(|_| lost())?;
        let output = result?.output;
        let key = &context.idempotency_key;
        let side = progress.side;
        match progress.stage {
            Stage::Link => {
                if let Some((twin, base)) = row(&output, side, progress.id(side).unwrap_or_default()) {
                    if is_echo(&self.settings.fields, &base, side, &progress.reported) {
                        return Ok(done(
                            &progress,
                            "echo",
                            "What was reported is known already; nothing has to be written.",
                        ));
                    }
                    progress.set_id(side.other(), twin);
                    progress.base = Some(base);
                }
                // What was reported may be old by now.
                let read = self.party(side)?.read(progress.id(side).unwrap_or_default(), key)?;
                ask(progress, Stage::Fresh, read)
            }
            Stage::Fresh => {
                let Some(record) = self.party(side)?.record(Call::Read, &output)? else {
                    return Ok(done(&progress, "gone", "The record is not there any more."));
                };
                let now = self.party(side)?.now(&record)?;
                progress.set_now(side, now.clone());
                let twin = self.party(side.other())?;
                if let Some(id) = progress.id(side.other()) {
                    let read = twin.read(id, key)?;
                    return ask(progress, Stage::Twin, read);
                }
                let known_by = now.values.get(self.party(side)?.known_by()).cloned().unwrap_or_default();
                if known_by.is_null() || known_by == "" {
                    return Ok(done(
                        &progress,
                        "alone",
                        "The record has nothing by which its twin could be known.",
                    ));
                }
                let find = twin.find(&known_by, key)?;
                ask(progress, Stage::Find, find)
            }
            Stage::Twin => match self.party(side.other())?.record(Call::Read, &output)? {
                None => Ok(done(&progress, "gone", "The record's twin was deleted; it is not added again.")),
                Some(record) => {
                    let now = self.party(side.other())?.now(&record)?;
                    progress.set_now(side.other(), now);
                    self.decide(progress, key)
                }
            },
            Stage::Find => match self.party(side.other())?.record(Call::Find, &output)? {
                Some(record) => {
                    let id = self.party(side.other())?.id(&record)?;
                    let look = self.rows_of(side.other(), &id);
                    let now = self.party(side.other())?.now(&record)?;
                    progress.set_id(side.other(), id);
                    progress.set_now(side.other(), now);
                    ask(progress, Stage::Taken, look)
                }
                None => self.create(progress, key),
            },
            Stage::Taken => {
                let twin = progress.id(side.other()).unwrap_or_default();
                if row(&output, side.other(), twin).is_some() {
                    return Ok(done(
                        &progress,
                        "taken",
                        "The twin that was found belongs to another record.",
                    ));
                }
                self.decide(progress, key)
            }
            Stage::Created => {
                let party = self.party(side.other())?;
                let record = party.record(Call::Create, &output)?.ok_or_else(lost)?;
                let id = party.id(&record)?;
                let now = party.now(&record)?;
                progress.set_id(side.other(), id);
                let written = match side.other() {
                    Side::Left => std::mem::take(&mut progress.to_left),
                    Side::Right => std::mem::take(&mut progress.to_right),
                };
                progress.wrote(side.other(), written, Some(now));
                progress.said["result"] = "added".into();
                self.write(progress, key)
            }
            Stage::WroteLeft | Stage::WroteRight => {
                let wrote = if progress.stage == Stage::WroteLeft { Side::Left } else { Side::Right };
                let party = self.party(wrote)?;
                let said =
                    party.record(Call::Update, &output)?.map(|record| party.now(&record)).transpose()?;
                let written = match wrote {
                    Side::Left => std::mem::take(&mut progress.to_left),
                    Side::Right => std::mem::take(&mut progress.to_right),
                };
                progress.wrote(wrote, written, said);
                self.write(progress, key)
            }
            Stage::Kept => {
                let result = progress.said["result"].as_str().unwrap_or("same").to_owned();
                let why = match result.as_str() {
                    "written" => "Both sides agree now.",
                    "added" => "The record's twin was added.",
                    _ => "Both sides agreed already.",
                };
                Ok(done(&progress, &result, why))
            }
        }
    }

    fn check(&self) -> Vec<ConfigProblem> {
        self.problems.clone()
    }
}

impl SyncRecords {
    fn party(&self, side: Side) -> Result<&Party, Failure> {
        let party = if side == Side::Left { &self.left } else { &self.right };
        party.as_ref().ok_or_else(|| {
            Failure::bad_input(
                "CONN-0003",
                format!("the {} side is no app that this server knows", side.as_str()),
                "Choose both sides in the step again.",
            )
        })
    }

    /// Looks up rows of the table by the id of one side.
    fn rows_of(&self, side: Side, id: &str) -> Operation {
        let column = match side {
            Side::Left => "left_id",
            Side::Right => "right_id",
        };
        // Rows are found whatever their capitals; of several the one that is meant is taken.
        let condition = json!({ "column": column, "test": "equals", "value": id });
        tables("find_rows", json!({ "table": self.settings.table, "conditions": [condition], "limit": 50 }))
    }

    /// Adds the twin, where that is wanted.
    fn create(&self, mut progress: Progress, key: &str) -> Result<Outcome, Failure> {
        let to = progress.side.other();
        let is_wanted = match self.settings.create {
            Create::Both => true,
            Create::Left => to == Side::Left,
            Create::Right => to == Side::Right,
            Create::Nowhere => false,
        };
        if !is_wanted {
            return Ok(done(
                &progress,
                "alone",
                "Only one side has the record, and it is not to be added on the other.",
            ));
        }
        let (from, party) = (self.party(progress.side)?, self.party(to)?);
        let now = progress.now(progress.side).ok_or_else(lost)?.clone();
        let mut values = Map::new();
        for pair in &self.settings.fields {
            let (from, into, flows) = match to {
                Side::Right => (&pair.left, &pair.right, pair.flow != Flow::ToLeft),
                Side::Left => (&pair.right, &pair.left, pair.flow != Flow::ToRight),
            };
            let value = now.values.get(from).filter(|value| !value.is_null() && *value != "");
            if let Some(value) = value.filter(|_| flows) {
                values.insert(into.clone(), value.clone());
            }
        }
        let known_by = now.values.get(from.known_by()).cloned().unwrap_or_default();
        values.entry(party.known_by().to_owned()).or_insert(known_by);
        let create = party.create(&values, key)?;
        match to {
            Side::Left => {
                progress.said["to_left"] = Value::Object(values.clone());
                progress.to_left = values;
            }
            Side::Right => {
                progress.said["to_right"] = Value::Object(values.clone());
                progress.to_right = values;
            }
        }
        ask(progress, Stage::Created, create)
    }

    /// Decides what has to be written; both records are at hand.
    fn decide(&self, mut progress: Progress, key: &str) -> Result<Outcome, Failure> {
        let (left, right) = nows(&progress)?;
        let Plan { to_left, to_right, conflicts, differing } =
            plan(&self.settings.fields, progress.base.as_ref(), &left, &right);
        let is_quiet = to_left.is_empty() && to_right.is_empty();
        progress.said = json!({
            "result": if is_quiet { "same" } else { "written" },
            "to_left": to_left, "to_right": to_right, "conflicts": conflicts, "differing": differing,
        });
        (progress.to_left, progress.to_right) = (to_left, to_right);
        self.write(progress, key)
    }

    /// Writes what is still to be written, then keeps what both have.
    fn write(&self, progress: Progress, key: &str) -> Result<Outcome, Failure> {
        let next = match (progress.to_right.is_empty(), progress.to_left.is_empty()) {
            (false, _) => Some((Side::Right, &progress.to_right, Stage::WroteRight)),
            (true, false) => Some((Side::Left, &progress.to_left, Stage::WroteLeft)),
            (true, true) => None,
        };
        if let Some((side, values, stage)) = next {
            let update = self.party(side)?.update(progress.id(side).unwrap_or_default(), values, key)?;
            return ask(progress, stage, update);
        }
        let (left, right) = nows(&progress)?;
        let base = agreed(&self.settings.fields, &left, &right);
        let known_by = left.values.get(self.party(Side::Left)?.known_by()).cloned().unwrap_or_default();
        let differing = progress.said["differing"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = differing.iter().filter_map(Value::as_str).collect();
        let values = json!({
            "left_id": progress.left_id, "right_id": progress.right_id, "known_by": known_by, "agreed": base,
            "state": if names.is_empty() { "in step" } else { "differs" }, "differs": names.join(", "),
        });
        let keep =
            tables("upsert_row", json!({ "table": self.settings.table, "key": "left_id", "values": values }));
        ask(progress, Stage::Kept, keep)
    }
}

fn nows(progress: &Progress) -> Result<(Now, Now), Failure> {
    let left = progress.left.clone().ok_or_else(lost)?;
    Ok((left, progress.right.clone().ok_or_else(lost)?))
}

/// The twin's id and what both had, in the row of the record `id`.
fn row(output: &Value, side: Side, id: &str) -> Option<(String, Base)> {
    let (own, twin) = match side {
        Side::Left => ("left_id", "right_id"),
        Side::Right => ("right_id", "left_id"),
    };
    let rows = output.get("rows")?.as_array()?;
    let row = rows.iter().find(|row| row[own].as_str() == Some(id))?;
    let base = serde_json::from_value(row["agreed"].clone()).unwrap_or_default();
    Some((row[twin].as_str()?.to_owned(), base))
}

fn tables(action: &'static str, input: Value) -> Operation {
    let is_read = action == "find_rows";
    Operation {
        performer: Performer::Tables,
        action: Cow::Borrowed(action),
        input,
        access: if is_read { Access::Read } else { Access::Write },
        promise: if is_read { Promise::None } else { Promise::Once },
        sends_to: None,
    }
}

fn ask(mut progress: Progress, stage: Stage, operation: Operation) -> Result<Outcome, Failure> {
    progress.stage = stage;
    let memo = serde_json::to_value(&progress).map_err(|_| lost())?;
    Ok(Outcome::Exchange(Exchange { operation, not_before: None, memo }))
}

fn done(progress: &Progress, result: &str, why: &str) -> Outcome {
    let said = |name: &str, nothing: Value| progress.said.get(name).cloned().unwrap_or(nothing);
    let output = json!({
        "result": result, "left_id": progress.left_id, "right_id": progress.right_id,
        "to_left": said("to_left", json!({})), "to_right": said("to_right", json!({})),
        "conflicts": said("conflicts", json!([])), "differing": said("differing", json!([])),
    });
    Done::out(output).because(why).into()
}

fn whose() -> Failure {
    Failure::bad_input(
        "CONN-0016",
        "the step was given no record, or one of both sides",
        "Give it the record of the trigger that started the run, and nothing for the other side.",
    )
}

fn lost() -> Failure {
    Failure::new(
        "CONN-0007",
        FailureKind::Fatal,
        "what an app answered does not say what became of the record",
        "Try the step again; if it stays, the app has changed and its manifest needs a correction.",
    )
}
