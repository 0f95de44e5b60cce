//! What a step kind is: a descriptor that is data, and code that plans but never touches the world.
//!
//! One kind lives in one file: its settings type (whose doc comments become the form and the reference page), its
//! example, its code and its tests. A kind's code asks for effects by returning an [`Outcome`]; it cannot perform one.

mod outcome;

pub use outcome::{
    Access, Await, Awaited, CONNECTION, Call, Channel, DID_NOT, Done, Exchange, HAPPENED, LeadEvent,
    LoopPlan, NextPage, Notify, Operation, Outcome, Performer, Purpose, Recipient, SKIP, SUPPRESSED, Source,
    Stream, StreamFrom, TIMEOUT,
};

use crate::expression::Scope;
use crate::failure::Failure;
use crate::run::Performed;
use crate::trigger::Trigger;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock};

/// The shelf of the palette a kind stands on, and the colour of its tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Starts a run.
    Trigger,
    /// Decides what happens next.
    Logic,
    /// Shapes data.
    Data,
    /// Works on leads.
    Lead,
    /// Reaches other systems.
    Connect,
    /// Runs the customer's own code.
    Code,
}

/// What a step's writes promise when something breaks half-way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// Writes nothing.
    None,
    /// Happens exactly once.
    Once,
    /// Reads before it repeats.
    Checked,
    /// May have happened when the answer is lost; never repeated blindly.
    Uncertain,
}

/// A way out of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Port {
    /// Its name in edges.
    pub id: String,
    /// What people read on the arrow; empty when there is only one way.
    pub label: String,
}

impl Port {
    /// The single unnamed way out.
    #[must_use]
    pub fn out() -> Vec<Self> {
        vec![Self { id: crate::document::OUT.into(), label: String::new() }]
    }

    /// A port `id` that people read as `label`.
    #[must_use]
    pub fn new(id: &str, label: &str) -> Self {
        Self { id: id.into(), label: label.into() }
    }
}

/// How a kind's ports follow from its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum PortRule {
    /// Always these.
    Fixed {
        /// The ports in reading order.
        ports: Vec<Port>,
    },
    /// Always `ports`, and `more` once the settings have `field`.
    With {
        /// The ports in reading order.
        ports: Vec<Port>,
        /// The settings field.
        field: String,
        /// The ports that come with it.
        more: Vec<Port>,
    },
    /// One per entry of a list in the settings (its `id` and `label`), then `default`.
    Cases {
        /// The settings field that holds the list.
        field: String,
        /// What people read on the last port.
        default_label: String,
        /// Its id.
        #[serde(default = "default_case", skip_serializing_if = "is_default_case")]
        default_port: String,
    },
}

/// Id of the port for what fits no case, unless a kind names another.
pub(crate) fn default_case() -> String {
    DEFAULT_CASE.into()
}

fn is_default_case(port: &str) -> bool {
    port == DEFAULT_CASE
}

/// The way out of a step with cases that is taken when none fits.
pub const DEFAULT_CASE: &str = "default";

impl PortRule {
    /// One port per entry of the settings' list `field`, then `default` with this label.
    #[must_use]
    pub fn cases(field: &str, default_label: &str) -> Self {
        Self::Cases {
            field: field.into(),
            default_label: default_label.into(),
            default_port: DEFAULT_CASE.into(),
        }
    }
}

/// What the steps inside a step are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyRule {
    /// They run once per item; they see `item` and `index`.
    PerItem,
    /// They run again and again; `item` is what the last round put out, `index` the number of the round.
    PerRound,
    /// They run once.
    Once,
}

impl BodyRule {
    /// What the body of `kind` is for. Only these kinds hold steps.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "loop" | "import_list" => Some(Self::PerItem),
            "repeat" => Some(Self::PerRound),
            "try" => Some(Self::Once),
            _ => None,
        }
    }
}

/// A worked example: test, documentation and placeholder at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    /// The settings.
    pub config: Value,
    /// What expressions see (`trigger`, `steps`, ...).
    #[serde(default)]
    pub context: Value,
    /// What the step puts out. Absent when it depends on the store or the world outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// The port it leaves by.
    pub port: String,
}

/// Everything the studio, the reference and validation need to know of a kind; pure data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Descriptor {
    /// The name in documents.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// More, in Markdown.
    pub help: String,
    /// Name of its icon in the studio's set.
    pub icon: String,
    /// Its shelf in the palette.
    pub category: Category,
    /// Other words people search by.
    pub keywords: Vec<String>,
    /// JSON Schema of its settings, with `x-ui` hints for the form.
    pub schema: Value,
    /// Settings of a freshly added step.
    pub default_config: Value,
    /// Its ways out.
    pub ports: PortRule,
    /// What its writes promise.
    pub promise: Promise,
    /// The promise in plain words.
    pub promise_text: String,
    /// Whether it can fail, and so can have an error port.
    pub has_error_port: bool,
    /// Whether it holds steps of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRule>,
    /// A worked example.
    pub example: Example,
    /// What its output looks like, for data pills before the first run.
    pub output_sample: Value,
    /// The card's second line; `{path}` names a settings field.
    pub summary_template: String,
}

/// The hand-written part of a [`Descriptor`]; the schema is generated from the settings type.
#[derive(Debug, Clone)]
pub struct About {
    /// See [`Descriptor::kind`].
    pub kind: &'static str,
    /// See [`Descriptor::title`].
    pub title: &'static str,
    /// See [`Descriptor::summary`].
    pub summary: &'static str,
    /// See [`Descriptor::help`].
    pub help: &'static str,
    /// See [`Descriptor::icon`].
    pub icon: &'static str,
    /// See [`Descriptor::category`].
    pub category: Category,
    /// See [`Descriptor::keywords`].
    pub keywords: &'static [&'static str],
    /// See [`Descriptor::default_config`].
    pub default_config: Value,
    /// See [`Descriptor::ports`].
    pub ports: PortRule,
    /// See [`Descriptor::promise`].
    pub promise: Promise,
    /// See [`Descriptor::promise_text`].
    pub promise_text: &'static str,
    /// See [`Descriptor::has_error_port`].
    pub has_error_port: bool,
    /// See [`Descriptor::example`].
    pub example: Example,
    /// See [`Descriptor::output_sample`].
    pub output_sample: Value,
    /// See [`Descriptor::summary_template`].
    pub summary_template: &'static str,
}

/// What went wrong with a step's settings, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Stable code; `DOC-...` or `EXP-...`.
    pub code: &'static str,
    /// JSON Pointer into the settings; empty for the whole.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub action: String,
}

/// What a step sees while it plans.
#[derive(Debug)]
pub struct Context<'a> {
    /// What its expressions see.
    pub scope: &'a Scope,
    /// The moment of the event being handled; never a clock of its own.
    pub now: DateTime<Utc>,
    /// Stable over attempts and restarts: run, step and item. External writes carry it.
    pub idempotency_key: String,
}

/// A step of a compiled workflow.
pub trait Step: Debug + Send + Sync {
    /// Decides what to do when the step is reached.
    ///
    /// # Errors
    /// The step's failure, as data.
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure>;

    /// Decides what to do with the result of the operation it asked for.
    ///
    /// # Errors
    /// The step's failure, as data.
    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        Ok(Outcome::Done(Done {
            port: crate::document::OUT.into(),
            output: result.output,
            why: result.why,
            written: result.written,
        }))
    }

    /// Decides what to do with what came of an [`Exchange`], also when it failed; `memo` is what the exchange carried.
    ///
    /// # Errors
    /// The step's failure, as data; by default that of the effect.
    fn answered(
        &self,
        context: &Context<'_>,
        _memo: &Value,
        result: Result<Performed, Failure>,
    ) -> Result<Outcome, Failure> {
        self.resume(context, result?)
    }

    /// How long its effect may take unless the document says otherwise; `None` for the usual time.
    fn patience(&self) -> Option<std::time::Duration> {
        None
    }

    /// Whether a repeated body runs once more, after `round` rounds (1 or more); `item` is what the last round put out.
    ///
    /// # Errors
    /// The step's failure, as data.
    fn goes_on(&self, _context: &Context<'_>, _round: u32) -> Result<bool, Failure> {
        Ok(false)
    }

    /// The read that finds out whether its write happened, when the answer was lost. `None` when there is no such read:
    /// a person decides then.
    ///
    /// # Errors
    /// The step's failure, as data.
    fn verify(&self, _context: &Context<'_>) -> Result<Option<Operation>, Failure> {
        Ok(None)
    }

    /// Reads the answer of [`Step::verify`]: what the step is finished with if its write happened, or `None` if it did
    /// not and is to be done again.
    ///
    /// # Errors
    /// The step's failure, as data; a person decides then.
    fn verified(&self, _context: &Context<'_>, _result: Performed) -> Result<Option<Done>, Failure> {
        Ok(None)
    }

    /// What a trigger listens to; `None` for other steps.
    fn trigger(&self) -> Option<Trigger> {
        None
    }

    /// Ports that follow from the settings; `None` when the descriptor's fixed ones hold.
    fn ports(&self) -> Option<Vec<Port>> {
        None
    }

    /// Checks that types alone cannot make.
    fn check(&self) -> Vec<ConfigProblem> {
        Vec::new()
    }
}

/// A step kind: its descriptor and how its settings become a [`Step`].
#[derive(Clone)]
pub struct StepKind {
    name: String,
    /// What it is, as data: made when somebody first looks at it, for it is large and a run needs little of it.
    pub descriptor: Described,
    compile: Compile,
}

/// A descriptor that is made when it is first needed.
pub type Described = Arc<LazyLock<Descriptor, Box<dyn FnOnce() -> Descriptor + Send + Sync>>>;

/// How settings become a step.
type Compile = Arc<dyn Fn(&Value) -> Result<Box<dyn Step>, ConfigProblem> + Send + Sync>;

impl Debug for StepKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepKind").field("kind", &self.name).finish()
    }
}

impl StepKind {
    /// The kind whose settings are `C`; form and reference come from `C`'s doc comments.
    #[must_use]
    pub fn new<C>(about: About) -> Self
    where
        C: Step + DeserializeOwned + JsonSchema + 'static,
    {
        let name = about.kind.to_owned();
        let descriptor: Described = Arc::new(LazyLock::new(Box::new(move || describe::<C>(about))));
        Self { name, descriptor, compile: Arc::new(compile::<C>) }
    }

    /// The kind that `descriptor` describes, for kinds that are data themselves (the actions of an app); `compile` makes
    /// a step of its settings.
    pub fn described(
        descriptor: Descriptor,
        compile: impl Fn(&Value) -> Result<Box<dyn Step>, ConfigProblem> + Send + Sync + 'static,
    ) -> Self {
        let name = descriptor.kind.clone();
        let descriptor: Described = Arc::new(LazyLock::new(Box::new(move || descriptor)));
        Self { name, descriptor, compile: Arc::new(compile) }
    }

    /// Its name in documents.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Turns settings into a step that can run.
    ///
    /// # Errors
    /// The first field that cannot be understood.
    pub fn compile(&self, config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
        (self.compile)(config)
    }
}

fn compile<C: Step + DeserializeOwned + 'static>(config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
    // A step that says nothing about its settings has none set.
    let nothing = Value::Object(serde_json::Map::new());
    let config = if config.is_null() { &nothing } else { config };
    match serde_path_to_error::deserialize::<_, C>(config) {
        Ok(step) => Ok(Box::new(step)),
        Err(error) => Err(ConfigProblem {
            code: "DOC-0007",
            field: pointer(error.path()),
            message: error.inner().to_string(),
            action: "Correct this field; the step's help shows an example.".into(),
        }),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{key}"),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// The descriptor that follows from what is said of a kind and from its settings.
fn describe<C: JsonSchema>(about: About) -> Descriptor {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<C>()
        .to_value();
    Descriptor {
        kind: about.kind.into(),
        title: about.title.into(),
        summary: about.summary.into(),
        help: about.help.trim().into(),
        icon: about.icon.into(),
        category: about.category,
        keywords: about.keywords.iter().map(|&word| word.into()).collect(),
        schema,
        default_config: about.default_config,
        ports: about.ports,
        promise: about.promise,
        promise_text: about.promise_text.into(),
        has_error_port: about.has_error_port,
        body: BodyRule::of(about.kind),
        example: about.example,
        output_sample: about.output_sample,
        summary_template: about.summary_template.into(),
    }
}

/// The kinds a build knows, by name.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    kinds: IndexMap<String, StepKind>,
    /// Kinds of apps, by the app's name.
    shelves: IndexMap<String, Arc<Shelf>>,
    /// Kinds that stand below these.
    base: Option<Arc<Registry>>,
}

impl Registry {
    /// The kinds of this crate; others add theirs with [`Registry::with`].
    #[must_use]
    pub fn core() -> Self {
        Self::default().with(crate::steps::all())
    }

    /// This registry and `kinds`.
    ///
    /// # Panics
    /// When two kinds share a name, which is a mistake of the build.
    #[must_use]
    pub fn with(mut self, kinds: Vec<StepKind>) -> Self {
        for kind in kinds {
            let name = kind.name.clone();
            assert!(self.kinds.insert(name.clone(), kind).is_none(), "two step kinds are called {name}");
        }
        self
    }

    /// `kinds` beside those of `base`, which are shared and not copied. A kind that `base` has stays as it is there.
    #[must_use]
    pub fn beside(base: &Arc<Self>, kinds: Vec<StepKind>) -> Self {
        let new = kinds.into_iter().filter(|kind| base.get(&kind.name).is_none());
        let kinds = new.map(|kind| (kind.name.clone(), kind)).collect();
        Self { kinds, base: Some(Arc::clone(base)), ..Self::default() }
    }

    /// This registry and the kinds of an app, whose names begin with its own and a dot. They are made when one of them is
    /// first asked for: most workspaces use few of the apps there are.
    #[must_use]
    pub fn with_app(
        mut self,
        app: &str,
        make: impl FnOnce() -> Vec<StepKind> + Send + Sync + 'static,
    ) -> Self {
        let make = move || make().into_iter().map(|kind| (kind.name.clone(), kind)).collect();
        self.shelves.insert(app.to_owned(), Arc::new(Shelf::new(Box::new(make))));
        self
    }

    /// The kind called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StepKind> {
        let of_app = || self.shelves.get(name.split_once('.')?.0)?.get(name);
        self.kinds.get(name).or_else(of_app).or_else(|| self.base.as_ref()?.get(name))
    }

    /// Whether a kind is called `name`, or kinds of an app are called after it.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        let is_its = |kind: &String| {
            let rest = kind.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.shelves.contains_key(name)
            || self.kinds.keys().any(is_its)
            || self.base.as_ref().is_some_and(|base| base.knows(name))
    }

    /// All kinds in palette order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &StepKind> + '_> {
        let own = self.kinds.values().chain(self.shelves.values().flat_map(|shelf| shelf.values()));
        match &self.base {
            Some(base) => Box::new(base.iter().chain(own)),
            None => Box::new(own),
        }
    }
}

/// The kinds of one app, made when they are first needed.
type Shelf =
    LazyLock<IndexMap<String, StepKind>, Box<dyn FnOnce() -> IndexMap<String, StepKind> + Send + Sync>>;
