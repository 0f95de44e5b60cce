//! Compiling a component: in a process of its own, because compiling takes memory that this process would keep, and
//! because a component that makes the compiler fail or never end must not take the server along.

use super::engine;
use crate::failures;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use trunkline_engine::failure::Failure;

/// Longest time a compilation may take.
const LONGEST: Duration = Duration::from_secs(120);
/// Largest machine code of a component, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Memory a compilation may use, in KiB.
const MEMORY_KIB: u64 = 3 * 1024 * 1024;
/// Longest message of the compiler that is read.
const LONGEST_MESSAGE: u64 = 4 * 1024;
/// The argument by which this program is asked to compile.
pub const COMMAND: &str = "plugin-compile";

/// Who compiles.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// This process, for short work of the command line and tests.
    #[default]
    Here,
    /// A program that does what [`run`] does when it is given [`COMMAND`].
    Child(PathBuf),
}

impl Compiler {
    /// This program as a child.
    #[must_use]
    pub fn of_this_program() -> Self {
        // The link stays right when a new version took the file's place meanwhile.
        let link = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
        if link.exists() {
            return Self::Child(link);
        }
        std::env::current_exe().map_or(Self::Here, Self::Child)
    }

    /// Compiles `component` within this time, or the usual one.
    pub(super) async fn compile(
        &self,
        component: Vec<u8>,
        within: Option<Duration>,
    ) -> Result<Vec<u8>, Failure> {
        let within = within.unwrap_or(LONGEST);
        match self {
            Self::Here => tokio::task::spawn_blocking(move || compile(&component))
                .await
                .map_err(|_| failures::not_compiled("the compiler failed"))?,
            Self::Child(program) => {
                tokio::time::timeout(within, in_child(program, component)).await.map_err(|_| {
                    failures::not_compiled(&format!("it took longer than {} s", within.as_secs()))
                })?
            }
        }
    }
}

/// What this program does when it is asked to compile: reads a component and writes machine code.
///
/// # Errors
/// What the compiler says against it, for standard error.
pub fn run(mut input: impl std::io::Read, mut output: impl std::io::Write) -> Result<(), String> {
    let mut component = Vec::new();
    let most = crate::limits::LARGEST_FILE as u64 + 1;
    (&mut input).take(most).read_to_end(&mut component).map_err(|error| error.to_string())?;
    let code = compile(&component).map_err(|failure| failure.message)?;
    output.write_all(&code).and_then(|()| output.flush()).map_err(|error| error.to_string())
}

fn compile(component: &[u8]) -> Result<Vec<u8>, Failure> {
    // Places cost address space only; the code is the same for any number of them.
    let engine = engine::engine(1)?;
    engine.precompile_component(component).map_err(|error| failures::no_plugin(&format!("{error:#}")))
}

async fn in_child(program: &PathBuf, component: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| failures::not_compiled(&error.to_string());
    let mut child = limited(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear()
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let (mut stdout, mut stderr) =
        (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    let give = async move {
        // One that refuses the file stops reading; its words tell why.
        let _ = stdin.write_all(&component).await;
        drop(stdin);
    };
    let mut code = Vec::new();
    let mut said = Vec::new();
    let read_code = async { (&mut stdout).take(LARGEST + 1).read_to_end(&mut code).await };
    let read_words = async { (&mut stderr).take(LONGEST_MESSAGE).read_to_end(&mut said).await };
    let ((), code_read, _) = tokio::join!(give, read_code, read_words);
    code_read.map_err(failed)?;
    if code.len() as u64 > LARGEST {
        return Err(failures::not_compiled("its machine code is too large"));
    }
    let status = child.wait().await.map_err(failed)?;
    if status.success() {
        return Ok(code);
    }
    let said = String::from_utf8_lossy(&said);
    match status.code() {
        // It spoke of the component.
        Some(1) => Err(failures::no_plugin(said.trim_start_matches("the file is no plugin: "))),
        _ => Err(failures::not_compiled(&format!("the compiler ended with {status}"))),
    }
}

/// The program, with as much memory as a compilation may use where a shell can see to that.
fn limited(program: &PathBuf) -> Command {
    let shell = PathBuf::from("/bin/sh");
    if !cfg!(unix) || !shell.exists() {
        let mut command = Command::new(program);
        command.arg(COMMAND);
        return command;
    }
    let mut command = Command::new(shell);
    // It may take all it gets of the machine, after everybody else.
    let script =
        format!("ulimit -d {MEMORY_KIB} 2>/dev/null; renice -n 10 $$ >/dev/null 2>&1; exec \"$0\" {COMMAND}");
    command.arg("-c").arg(script).arg(program);
    command
}
