//! The host: loads what was approved and calls it within limits.

mod cache;
mod call;
pub mod compile;
mod engine;
mod imports;
mod meter;
mod turn;

pub use call::{Answer, Call, Taken};
pub use compile::Compiler;
pub use engine::PLACES;

use crate::description::{Capabilities, Description};
use crate::failures;
use crate::limits::{LARGEST_FILE, Limits};
use crate::outside::{Nothing, Outside};
use bindings::{Plugin, PluginPre};
use cache::Cache;
use call::Surroundings;
use engine::Machine;
use imports::Guest;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use trunkline_engine::failure::Failure;
use turn::{HostFailed, Pace};
use wasmtime::component::{Component, HasSelf, Linker};

/// What the names of our interfaces begin with.
const OURS: &str = "trunkline:plugin/";
/// The version of our interfaces that is served; each is a folder in `wit`.
const SERVED: &str = "1.0.0";
/// Places beyond those of calls: for guests that were dropped a moment ago, and for those that say what they are.
const SPARE: u32 = 16;
/// Longest time a plugin may take to say what it is.
const DESCRIBING: Duration = Duration::from_secs(10);

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, reason = "generated from wit/1.0.0")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit/1.0.0",
        world: "plugin",
        imports: { default: async | trappable },
        exports: { default: async },
    });
}

/// What a host works with.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where compiled code is kept; nowhere without it.
    pub cache: Option<PathBuf>,
    /// What seals compiled code.
    pub seal: [u8; 32],
    /// Who compiles.
    pub compiler: Compiler,
    /// Longest time a compilation may take; the usual one without it.
    pub compile_within: Option<Duration>,
}

/// See the [module](self).
pub struct Host {
    settings: Settings,
    machine: Mutex<Option<Arc<Machine>>>,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// A plugin that can be called.
pub struct Loaded {
    name: Arc<str>,
    sha256: [u8; 32],
    pre: PluginPre<Guest>,
    machine: Arc<Machine>,
    limits: Limits,
    capabilities: Arc<Capabilities>,
    places: Semaphore,
    pace: Pace,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a plugin may be and do, as it was approved.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What it is called.
    pub name: String,
    /// What it may reach.
    pub capabilities: Capabilities,
    /// How much a call may take.
    pub limits: Limits,
}

/// The SHA-256 of a file.
#[must_use]
pub fn fingerprint(file: &[u8]) -> [u8; 32] {
    Sha256::digest(file).into()
}

impl Host {
    /// A host that has made nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, machine: Mutex::default(), places: Arc::new(Semaphore::new(PLACES as usize)) }
    }

    /// Whether anything was needed of it so far.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.machine.lock().is_some()
    }

    fn machine(&self) -> Result<Arc<Machine>, Failure> {
        let mut machine = self.machine.lock();
        if let Some(machine) = &*machine {
            return Ok(Arc::clone(machine));
        }
        let new = Arc::new(Machine::new(PLACES + SPARE)?);
        *machine = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Makes `file` ready to be called under `terms`: compiled before, or now.
    ///
    /// # Errors
    /// `PLUG-0001` and `PLUG-0002` when it is no plugin, `PLUG-0004` when it cannot be compiled.
    pub async fn load(&self, file: &[u8], terms: Terms) -> Result<Loaded, Failure> {
        look(file)?;
        let machine = self.machine()?;
        let sha256 = fingerprint(file);
        let cache = Cache::new(self.settings.cache.clone(), self.settings.seal);
        let component = match cache.load(&machine.engine, &sha256) {
            Some(component) => component,
            None => {
                let code =
                    self.settings.compiler.compile(file.to_vec(), self.settings.compile_within).await?;
                cache.keep(&machine.engine, &sha256, &code)?
            }
        };
        let pre = link(&machine, &component)?;
        Ok(Loaded {
            name: terms.name.into(),
            sha256,
            pre,
            machine,
            limits: terms.limits,
            capabilities: Arc::new(terms.capabilities),
            places: Semaphore::new(terms.limits.at_once as usize),
            pace: Pace::default(),
        })
    }

    /// What the plugin says it is. It reaches nothing while it says so.
    ///
    /// # Errors
    /// `PLUG-0003` when what it says does not hold, and how a call can fail.
    pub async fn describe(&self, plugin: &Loaded) -> Result<Description, Failure> {
        let surroundings = plugin.surroundings(Arc::new(Nothing));
        let saying = turn::take(surroundings.describe(), &plugin.pace, plugin.machine.threads());
        let said = match tokio::time::timeout(DESCRIBING, saying).await {
            Ok(Ok(said)) => said?,
            Ok(Err(HostFailed)) => return Err(failures::crashed(&plugin.name, "the host failed", false)),
            Err(_) => return Err(failures::too_slow(&plugin.name, as_ms(DESCRIBING), false)),
        };
        Description::read(&said).map_err(|wrong| failures::lying(&wrong))
    }

    /// Calls a step within `timeout` and the plugin's limits.
    pub async fn call(
        &self,
        plugin: &Loaded,
        call: Call,
        outside: Arc<dyn Outside>,
        timeout: Duration,
    ) -> (Result<Answer, Failure>, Taken) {
        let begun = Instant::now();
        let limit = timeout.min(Duration::from_millis(plugin.limits.whole_ms.into()));
        let is_change = call.effect == crate::Effect::Write;
        let places = async {
            let ours = plugin.places.acquire().await.ok();
            (ours, Arc::clone(&self.places).acquire_owned().await.ok())
        };
        let Ok(_places) = tokio::time::timeout(limit, places).await else {
            return (Err(failures::crowded(&plugin.name)), Taken::default());
        };
        let left = limit.saturating_sub(begun.elapsed());
        let working =
            turn::take(plugin.surroundings(outside).run(call), &plugin.pace, plugin.machine.threads());
        let ended = tokio::time::timeout(left, working).await;
        plugin.pace.note(matches!(&ended, Ok(Ok((_, taken))) if taken.ticks == 0));
        match ended {
            Ok(Ok(ended)) => ended,
            Ok(Err(HostFailed)) => {
                (Err(failures::crashed(&plugin.name, "the host failed", is_change)), Taken::default())
            }
            Err(_) => (Err(failures::too_slow(&plugin.name, as_ms(limit), is_change)), Taken::default()),
        }
    }

    /// Removes compiled code of anything but `wanted`.
    pub fn sweep(&self, wanted: &[[u8; 32]]) {
        Cache::new(self.settings.cache.clone(), self.settings.seal).sweep(wanted);
    }
}

impl Loaded {
    /// The SHA-256 of its file.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    fn surroundings(&self, outside: Arc<dyn Outside>) -> Surroundings {
        Surroundings {
            plugin: Arc::clone(&self.name),
            pre: self.pre.clone(),
            engine: self.machine.engine.clone(),
            limits: self.limits,
            capabilities: Arc::clone(&self.capabilities),
            outside,
            ticking: self.machine.ticking(),
        }
    }
}

/// Refuses what cannot be a component before anything costs time.
fn look(file: &[u8]) -> Result<(), Failure> {
    if file.len() > LARGEST_FILE {
        return Err(failures::no_plugin(&format!("it is larger than {} MiB", LARGEST_FILE / 1024 / 1024)));
    }
    match file.get(..8) {
        Some([0, b'a', b's', b'm', 13, 0, 1, 0]) => Ok(()),
        Some([0, b'a', b's', b'm', ..]) => Err(failures::no_plugin("it is a core module and no component")),
        _ => Err(failures::no_plugin("it does not begin as WebAssembly does")),
    }
}

/// Links what plugins may import, and nothing else.
fn link(machine: &Machine, component: &Component) -> Result<PluginPre<Guest>, Failure> {
    let mut linker = Linker::<Guest>::new(&machine.engine);
    Plugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)
        .map_err(|error| failures::not_compiled(&format!("{error:#}")))?;
    let component_type = component.component_type();
    let strange: Vec<String> = component_type
        .imports(&machine.engine)
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.starts_with(OURS))
        .collect();
    if !strange.is_empty() {
        return Err(failures::strange_imports(&strange));
    }
    let mut imports = component_type.imports(&machine.engine);
    let other = imports.find_map(|(name, _)| match name.rsplit_once('@') {
        Some((_, SERVED)) => None,
        Some((_, version)) => Some(version.to_owned()),
        None => Some("without a version".to_owned()),
    });
    if let Some(version) = other {
        return Err(failures::other_interface(&version, SERVED));
    }
    let pre =
        linker.instantiate_pre(component).map_err(|error| failures::no_plugin(&format!("{error:#}")))?;
    PluginPre::new(pre).map_err(|error| failures::no_plugin(&format!("{error:#}")))
}

fn as_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
