//! What tests across crates share: the real server in a folder of its own, and a client that speaks to it.
//!
//! Nothing here knows how the server works inside: it is started, spoken to over HTTP, killed, and its store is looked
//! into once it has stopped.

pub mod clock;
pub mod component;
pub mod postgres;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);
/// What a server prints once it has its port, and what when somebody else has it.
const BEGUN: &str = "Trunkline listens at";
const PORT_TAKEN: &str = "CLI-0008";

/// Real inputs beside the repository; a test that needs them says so and passes when they are absent.
#[must_use]
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let found = std::env::var_os("TRUNKLINE_SHARED").map_or(root, PathBuf::from).join(path);
    if !found.exists() {
        eprintln!("skipped: {} is absent", found.display());
        return None;
    }
    Some(found)
}

/// Whether the long forms of tests were asked for.
#[must_use]
pub fn long() -> bool {
    std::env::var_os("TRUNKLINE_LONG").is_some()
}

/// The server binary that was built beside this test.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(chosen) = std::env::var_os("TRUNKLINE_BIN") {
        return chosen.into();
    }
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    folder.join("trunkline")
}

/// A real server on a port and in a folder of its own. Dropping it kills it and removes the folder.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    address: SocketAddr,
    flags: Vec<String>,
    environment: Vec<(String, String)>,
    child: Child,
    output: Arc<Mutex<String>>,
    /// How often it was started.
    starts: usize,
}

impl Server {
    /// Starts a server with `flags` and waits until it is ready.
    ///
    /// # Errors
    /// When it does not get ready.
    pub async fn start(flags: &[&str]) -> Result<Self> {
        Self::start_in(&std::env::temp_dir(), flags, &[]).await
    }

    /// As [`start`](Self::start), with its data below `place` and with these variables in its environment.
    ///
    /// # Errors
    /// When it does not get ready.
    pub async fn start_in(place: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let environment: Vec<_> =
            environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut attempts = 0..3;
        loop {
            let folder = tempfile::tempdir_in(place)?;
            let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            let output = Arc::new(Mutex::new(String::new()));
            let child = launch(folder.path(), address, &flags, &environment, &output)?;
            let (flags, environment) = (flags.clone(), environment.clone());
            let mut server = Self { folder, address, flags, environment, child, output, starts: 1 };
            match server.ready().await {
                // Between looking for a free port and taking it, another test's server took it.
                Err(_) if server.output().contains(PORT_TAKEN) && attempts.next().is_some() => {}
                ready => return ready.map(|()| server),
            }
        }
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Its address with `path`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its process id; 0 once it has ended.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Everything it has printed.
    #[must_use]
    pub fn output(&self) -> String {
        self.output.lock().expect("no reader panics").clone()
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Starts it again on the same data and port.
    ///
    /// # Errors
    /// When it does not get ready.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = launch(self.folder.path(), self.address, &self.flags, &self.environment, &self.output)?;
        self.starts += 1;
        self.ready().await
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// When it ends badly or not at all.
    pub async fn stop(&mut self) -> Result<()> {
        let id = self.child.id().context("it runs")?;
        let asked = std::process::Command::new("kill").args(["-TERM", &id.to_string()]).status()?;
        ensure!(asked.success(), "kill -TERM {id} failed");
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await??;
        ensure!(ended.success(), "the server ended with {ended}: {}", self.output());
        Ok(())
    }

    /// Creates the first user through the printed link; the client is signed in.
    ///
    /// # Errors
    /// When the link or the call fails.
    pub async fn set_up(&self) -> Result<Client> {
        let token = until("the set-up link", || async {
            let output = self.output();
            // A restart replaces the link, so the last one printed counts.
            let (_, link) = output.rsplit_once("/setup?token=")?;
            Some(link.split_whitespace().next()?.to_owned())
        })
        .await?;
        let body =
            json!({"token": token, "email": "grace@example.com", "password": "correct horse battery staple"});
        let answer =
            client()?.post(self.url("/api/v1/setup")).json(&body).send().await?.error_for_status()?;
        Client::signed_in(self, answer).await
    }

    async fn ready(&mut self) -> Result<()> {
        let began = Instant::now();
        let client = client()?;
        loop {
            // It is this server that answers, and not one that took the port before it.
            let has_begun = self.output().matches(BEGUN).count() >= self.starts;
            if has_begun
                && client
                    .get(self.url("/readyz"))
                    .send()
                    .await
                    .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}: {}", self.output());
            }
            ensure!(began.elapsed() < START, "the server does not get ready: {}", self.output());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn launch(
    data: &Path,
    address: SocketAddr,
    flags: &[String],
    environment: &[(String, String)],
    output: &Arc<Mutex<String>>,
) -> Result<Child> {
    let program = binary();
    let mut child = Command::new(&program)
        .args(["serve", "--data"])
        .arg(data)
        .args(["--listen", &address.to_string()])
        .args(flags)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} could not be started; cargo xtask test builds it", program.display()))?;
    listen(child.stdout.take().context("piped")?, Arc::clone(output));
    listen(child.stderr.take().context("piped")?, Arc::clone(output));
    Ok(child)
}

fn listen(stream: impl AsyncRead + Send + Unpin + 'static, output: Arc<Mutex<String>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut output = output.lock().expect("no reader panics");
            output.push_str(&line);
            output.push('\n');
        }
    });
}

/// A plain HTTP client for loopback.
///
/// # Errors
/// When TLS cannot be set up, though it is never used here.
pub fn client() -> Result<reqwest::Client> {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(
        clippy::disallowed_methods,
        reason = "tests speak to their own server; the guarded client refuses loopback"
    )]
    let builder = reqwest::Client::builder();
    Ok(builder.no_proxy().build()?)
}

/// A client that is signed in.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Client {
    async fn signed_in(server: &Server, answer: reqwest::Response) -> Result<Self> {
        let cookie = answer.headers().get("set-cookie").context("a session cookie")?.to_str()?;
        let cookie = cookie.split(';').next().context("a cookie")?.to_owned();
        let session: Value = serde_json::from_str(&text_of(answer).await?)?;
        let csrf = session["csrf"].as_str().context("a CSRF token")?.to_owned();
        Ok(Self { http: client()?, base: server.url("/api/v1"), cookie, csrf })
    }

    /// A request with cookie and CSRF token.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header("cookie", &self.cookie).header("x-trunkline-csrf", &self.csrf)
    }

    /// Reads `path`.
    ///
    /// # Errors
    /// When the answer is not 2xx.
    pub async fn get(&self, path: &str) -> Result<Value> {
        read(self.request(reqwest::Method::GET, path)).await
    }

    /// Posts `body` to `path`.
    ///
    /// # Errors
    /// When the answer is not 2xx.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        read(self.request(reqwest::Method::POST, path).json(body)).await
    }

    /// Changes what is at `path` by `body`.
    ///
    /// # Errors
    /// When the answer is not 2xx.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        read(self.request(reqwest::Method::PATCH, path).json(body)).await
    }
}

/// The whole body of an answer.
///
/// # Errors
/// When the connection breaks before its end.
pub async fn text_of(answer: reqwest::Response) -> Result<String> {
    #[expect(clippy::disallowed_methods, reason = "the answer is our own server's, of known size")]
    let text = answer.text().await?;
    Ok(text)
}

async fn read(request: reqwest::RequestBuilder) -> Result<Value> {
    let again = request.try_clone();
    let answer = request.send().await?;
    // A test asks faster than a person; it is as patient as it is told to be.
    if let (reqwest::StatusCode::TOO_MANY_REQUESTS, Some(again)) = (answer.status(), again) {
        let after = answer.headers().get("retry-after").context("how long to wait")?.to_str()?;
        tokio::time::sleep(Duration::from_secs(after.parse()?)).await;
        return Box::pin(read(again)).await;
    }
    let (status, url) = (answer.status(), answer.url().clone());
    let text = text_of(answer).await?;
    ensure!(status.is_success(), "{url} answered {status}: {text}");
    if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
}

/// How long [`until`] waits. Only a test that fails waits so long; a busy machine needs much of it.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Polls `check` until it gives something.
///
/// # Errors
/// When nothing came within [`PATIENCE`].
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = check().await {
            return Ok(found);
        }
        ensure!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
