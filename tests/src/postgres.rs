//! A private PostgreSQL server for tests, made from the system's package.
//!
//! Cases of one test run share one server, each with a database of its own: nextest runs every case in a process of its
//! own, and a server for each would take longer than the cases. It lies in the folder for temporary files, listens on a
//! socket there and on no port, and goes away with the process that ran the tests, however that ends.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The oldest server Trunkline works with.
const OLDEST: u32 = 15;
/// Where distributions keep the server's programs, by version.
const PACKAGES: [&str; 2] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"];
/// The role that tests connect as.
pub const ROLE: &str = "trunkline";
/// How a server is started: small and quiet, on no port.
const SETTINGS: &str = "-c listen_addresses='' -c max_connections=200 -c shared_buffers=32MB";
/// What it may save itself when its data is thrown away and need not survive a power cut.
const CARELESS: &str = "-c fsync=off -c full_page_writes=off";
/// Waits until process $0 is gone, then ends the server in folder $1 and removes it.
const WATCH: &str = "while kill -0 \"$0\" 2>/dev/null; do sleep 1; done; \
    kill -QUIT \"$(head -n 1 \"$1/data/postmaster.pid\")\" 2>/dev/null; sleep 1; rm -rf \"$1\" \"$1.lock\"";

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    is_careless: bool,
    /// Where it listens beside the socket.
    door: Option<Door>,
}

/// A port of this machine behind which a password is asked.
#[derive(Debug, Clone)]
pub struct Door {
    /// The port.
    pub port: u16,
    /// The password of the role [`ROLE`].
    pub password: String,
    /// The certificate and its key, in PEM; without them nothing is encrypted.
    pub tls: Option<(String, String)>,
}

impl Postgres {
    /// The server that all cases of this test run share; the first to ask starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message says what to do.
    pub fn shared() -> Result<Self> {
        // The process that ends when the tests do: nextest's, or this one.
        let owner =
            if std::env::var_os("NEXTEST_RUN_ID").is_some() { parent_id() } else { std::process::id() };
        let server = Self::at(std::env::temp_dir().join(format!("trunkline-postgres-{owner}")))?;
        let lock = server.folder.with_extension("lock");
        let held = File::create(&lock).with_context(|| lock.display().to_string())?;
        held.lock()?;
        if !server.folder.join("ready").exists() {
            server.make(owner)?;
            File::create(server.folder.join("ready"))?;
        }
        Ok(server)
    }

    /// A server of its own, for tests that stop it. It is gone when this process is.
    ///
    /// # Errors
    /// As [`shared`](Self::shared).
    pub fn alone() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (own, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let server = Self::at(std::env::temp_dir().join(format!("trunkline-postgres-{own}-{count}")))?;
        server.make(own)?;
        Ok(server)
    }

    /// A server of its own that flushes what it commits to the disk, for measurements.
    ///
    /// # Errors
    /// As [`shared`](Self::shared).
    pub fn durable() -> Result<Self> {
        let own = std::process::id();
        let folder = std::env::temp_dir().join(format!("trunkline-postgres-{own}-durable"));
        let server = Self { is_careless: false, ..Self::at(folder)? };
        server.make(own)?;
        Ok(server)
    }

    /// A server of its own that also listens on a port of this machine, as servers of others do.
    ///
    /// # Errors
    /// As [`shared`](Self::shared).
    pub fn behind(door: Door) -> Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("trunkline-postgres-{}-{}", std::process::id(), door.port));
        let server = Self { door: Some(door), ..Self::at(folder)? };
        server.make(std::process::id())?;
        Ok(server)
    }

    fn at(folder: PathBuf) -> Result<Self> {
        let programs = programs()?;
        let user = if is_root()? { Some(unprivileged()?) } else { None };
        Ok(Self { folder, programs, user, is_careless: true, door: None })
    }

    fn make(&self, owner: u32) -> Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => std::fs::create_dir_all(&self.folder)?,
        }
        std::fs::set_permissions(&self.folder, PermissionsExt::from_mode(0o755))?;
        if let Some((user, group)) = self.user {
            chown(&self.folder, Some(user), Some(group))?;
        }
        let data = self.data();
        self.run(
            "initdb",
            &["-D", &data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        )?;
        Command::new("sh")
            .args(["-c", WATCH, &owner.to_string(), &self.folder.display().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let Some(door) = &self.door else { return self.start() };
        self.keep("data/pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")?;
        if let Some((certificate, key)) = &door.tls {
            self.keep("data/door.crt", certificate)?;
            self.keep("data/door.key", key)?;
        }
        self.start()?;
        self.tell("postgres", &format!("ALTER ROLE {ROLE} PASSWORD '{}'", door.password))
    }

    /// Runs `sql` in `database`.
    ///
    /// # Errors
    /// What the server says against it.
    pub fn tell(&self, database: &str, sql: &str) -> Result<()> {
        let socket = self.folder.display().to_string();
        let port = self.door.as_ref().map_or(5432, |door| door.port).to_string();
        let arguments = [
            "-h",
            &socket,
            "-p",
            &port,
            "-U",
            ROLE,
            "-d",
            database,
            "-v",
            "ON_ERROR_STOP=1",
            "-q",
            "-c",
            sql,
        ];
        self.run("psql", &arguments)
    }

    /// Writes a file that only the server reads.
    fn keep(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.join(name);
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600))?;
        if let Some((user, group)) = self.user {
            chown(&path, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// Creates an empty database and answers with its URL.
    ///
    /// # Errors
    /// When there is one of this name, or the server is not there.
    pub fn database(&self, name: &str) -> Result<String> {
        let socket = self.folder.display().to_string();
        self.run("createdb", &["-h", &socket, "-U", ROLE, "-T", "template0", name])?;
        Ok(format!("postgres://{ROLE}@localhost/{name}?host={}", socket.replace('/', "%2F")))
    }

    /// Starts a server that was stopped.
    ///
    /// # Errors
    /// When it does not get ready; the message holds its log.
    pub fn start(&self) -> Result<()> {
        let log = self.folder.join("log").display().to_string();
        let careless = if self.is_careless { CARELESS } else { "" };
        let door = self.door.as_ref().map_or_else(String::new, |door| {
            let tls = "-c ssl=on -c ssl_cert_file=door.crt -c ssl_key_file=door.key";
            let tls = if door.tls.is_some() { tls } else { "" };
            format!("-c listen_addresses=127.0.0.1 -p {} {tls}", door.port)
        });
        // Of two values for a setting the later one holds.
        let settings = format!("{SETTINGS} {careless} -k {} {door}", self.folder.display());
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-o", &settings, "-w", "-s", "start"])
            .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())
    }

    /// Stops the server as an administrator does: it hangs up on everybody, in the middle of whatever they do.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(&self) -> Result<()> {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "fast", "-w", "-s", "stop"])
    }

    /// Stops the server as a crash does: it writes nothing any more, and recovers from its log at the next start.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn crash(&self) -> Result<()> {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "-s", "stop"])
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // What the server inherits from here must not be a pipe that somebody reads to its end.
        let said = self.folder.join(format!("{program}-{}.out", std::process::id()));
        let output = File::create(&said)?;
        let status = command.stdout(output.try_clone()?).stderr(output).status();
        let status = status.with_context(|| format!("{program} cannot be started"))?;
        ensure!(status.success(), "{program}: {}", std::fs::read_to_string(&said)?);
        std::fs::remove_file(said)?;
        Ok(())
    }
}

/// The folder of the newest server's programs.
fn programs() -> Result<PathBuf> {
    let versions = PACKAGES.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            (version >= OLDEST && programs.join("initdb").exists()).then_some((version, programs))
        })
        .max();
    if let Some((_, programs)) = newest {
        return Ok(programs);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(programs) = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()) {
        return Ok(programs);
    }
    bail!(
        "PostgreSQL {OLDEST} or newer is needed for these tests and is not installed. \
         `cargo xtask test` installs it; on Debian: apt-get install postgresql"
    )
}

/// A server refuses to run as root; the package brings a user for it.
fn unprivileged() -> Result<(u32, u32)> {
    let id = |flag: &str| -> Result<u32> {
        let found = Command::new("id").args([flag, "postgres"]).output()?;
        ensure!(found.status.success(), "PostgreSQL does not run as root, and there is no user `postgres`");
        Ok(String::from_utf8_lossy(&found.stdout).trim().parse()?)
    };
    Ok((id("-u")?, id("-g")?))
}

fn is_root() -> Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout.starts_with(b"0\n"))
}
