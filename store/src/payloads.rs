//! Journals too large for the database: files of the data folder, named by the digest of their content.
//!
//! A column then holds a [`Reference`] in place of the journal. A file is complete and on disk, its name included,
//! before the transaction that refers to it commits, and it is never changed. A crash between the two leaves a file
//! that nothing refers to; the sweep collects it. A file goes only after the transaction that removed its last use is
//! durable.
//!
//! What this must never do: remove a file that a committed row refers to, hand out content that is not what its name
//! says, or let one damaged file stop more than its own run.

use crate::error::Error;
use crate::writer::decode_journal;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File, ReadDir};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, RwLock};
use trunkline_engine::run::{Event, RunId};

/// How a column begins that refers to a file; neither JSON nor a compressed journal does.
const MAGIC: [u8; 4] = *b"TLPF";
/// Bytes of a reference: the magic, the digest, the size.
const REFERENCE: usize = 4 + 32 + 8;
/// Files written at the same time; the system gathers their syncs.
const AT_ONCE: usize = 8;
/// Time between two searches for files that nothing refers to: only a crash, or a batch that failed, leaves one.
const BETWEEN_WALKS: TimeDelta = TimeDelta::hours(24);
/// How the name of a file begins that is still being written.
const UNFINISHED: &str = "part-";

/// SHA-256 of a file's content.
pub(crate) type Hash = [u8; 32];

/// The folder of one database's files. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Payloads {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Nothing when journals always stay in the database.
    folder: Option<PathBuf>,
    /// Larger journals go to a file.
    above: usize,
    /// Held for reading by whoever needs files to stay although nothing may refer to them any more, such as a backup.
    staying: RwLock<()>,
    /// How far the search for files that nothing refers to has come.
    walk: Mutex<Walk>,
}

#[derive(Debug, Default)]
struct Walk {
    entries: Option<ReadDir>,
    /// When the next search begins; at once when there was none since the start.
    again_at: Option<DateTime<Utc>>,
}

/// A turn that lies in a file.
#[derive(Debug, Clone)]
pub(crate) struct PayloadRow {
    /// Of which run.
    pub(crate) run: RunId,
    /// Its number.
    pub(crate) seq: i64,
    /// The file.
    pub(crate) reference: Reference,
}

/// What stands in a column in place of a journal that lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Which file.
    pub(crate) sha256: Hash,
    /// Its size.
    pub(crate) bytes: u64,
}

impl Reference {
    fn of(content: &[u8]) -> Self {
        Self { sha256: Sha256::digest(content).into(), bytes: content.len() as u64 }
    }

    /// The reference in a column; `None` when the journal itself is there.
    pub(crate) fn read(column: &[u8]) -> Option<Self> {
        let rest = column.strip_prefix(&MAGIC)?;
        let (sha256, bytes) = (rest.get(..32)?, rest.get(32..40)?);
        (column.len() == REFERENCE).then_some(())?;
        Some(Self { sha256: sha256.try_into().ok()?, bytes: u64::from_le_bytes(bytes.try_into().ok()?) })
    }

    fn column(&self) -> Vec<u8> {
        let mut column = Vec::with_capacity(REFERENCE);
        column.extend_from_slice(&MAGIC);
        column.extend_from_slice(&self.sha256);
        column.extend_from_slice(&self.bytes.to_le_bytes());
        column
    }

    fn name(&self) -> String {
        name(&self.sha256)
    }
}

fn name(sha256: &Hash) -> String {
    use std::fmt::Write as _;
    sha256.iter().fold(String::with_capacity(64), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

fn digest_of(name: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    for (byte, place) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&name[place..place + 2], 16).ok()?;
    }
    Some(hash)
}

impl Payloads {
    /// The files of the database that is called `of`, in `folder`. Journals of more than `above` bytes go there.
    ///
    /// Databases that share a data folder by turns never see one another's files.
    pub(crate) fn of(folder: &Path, of: &str, above: usize) -> Self {
        Self::new(Some(folder.join(of)), above)
    }

    /// No folder: every journal stays in the database.
    #[cfg(feature = "memory")]
    pub(crate) fn none() -> Self {
        Self::new(None, usize::MAX)
    }

    fn new(folder: Option<PathBuf>, above: usize) -> Self {
        let inner = Inner { folder, above, staying: RwLock::new(()), walk: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Puts those of `columns` that are too large into files, and a reference in their place. When this answers the
    /// files are on disk.
    ///
    /// # Errors
    /// [`Error::Full`] and [`Error::Io`] when the disk refuses; what was written is collected later.
    pub(crate) async fn spill(
        &self,
        columns: Vec<(RunId, i64, &mut Vec<u8>)>,
    ) -> Result<Vec<PayloadRow>, Error> {
        let Some(folder) = self.inner.folder.clone() else { return Ok(Vec::new()) };
        let (mut rows, mut contents) = (Vec::new(), Vec::new());
        let mut written = HashSet::new();
        for (run, seq, column) in columns {
            if column.len() > self.inner.above {
                let reference = Reference::of(column);
                let content = std::mem::replace(column, reference.column());
                if written.insert(reference.sha256) {
                    contents.push((reference, content));
                }
                rows.push(PayloadRow { run, seq, reference });
            }
        }
        if !contents.is_empty() {
            blocking(move || write_all(&folder, &contents)).await?;
        }
        Ok(rows)
    }

    /// The events in a column, wherever they lie.
    ///
    /// # Errors
    /// [`Error::Lost`] when the file is not there or is not what was written, [`Error::Corrupt`] when the journal
    /// cannot be understood.
    pub(crate) async fn events(&self, column: &[u8]) -> Result<Vec<Event>, Error> {
        match Reference::read(column) {
            None => decode_journal(column),
            Some(reference) => decode_journal(&self.content(reference).await?),
        }
    }

    /// The content of a file, checked against its name.
    pub(crate) async fn content(&self, reference: Reference) -> Result<Vec<u8>, Error> {
        let path = self.path(&reference.sha256)?;
        blocking(move || read_file(&path, reference)).await
    }

    /// Keeps every file where it is until the guard is dropped.
    pub(crate) async fn stay(&self) -> tokio::sync::RwLockReadGuard<'_, ()> {
        self.inner.staying.read().await
    }

    /// Waits until files may go.
    pub(crate) async fn may_go(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.inner.staying.write().await
    }

    /// Whether files may go now.
    pub(crate) fn may_go_now(&self) -> Option<tokio::sync::RwLockWriteGuard<'_, ()>> {
        self.inner.staying.try_write().ok()
    }

    /// Removes files. The caller has seen that no committed row refers to them.
    pub(crate) async fn remove(&self, hashes: Vec<Hash>) -> Result<(), Error> {
        let paths: Vec<_> = hashes.iter().map(|hash| self.path(hash)).collect::<Result<_, _>>()?;
        blocking(move || paths.iter().try_for_each(|path| gone(path, fs::remove_file(path)))).await
    }

    /// Begins a new search at the next call of [`next_files`](Self::next_files), whenever the last one was.
    pub(crate) async fn search_anew(&self) {
        *self.inner.walk.lock().await = Walk::default();
    }

    /// The next at most `most` files of the search that is due at `now`; fewer when it has ended, and none until the
    /// next begins. What was left half-written is removed on the way: only the writer writes files, and it is the
    /// writer that asks.
    pub(crate) async fn next_files(&self, most: usize, now: DateTime<Utc>) -> Result<Vec<Hash>, Error> {
        let Some(folder) = self.inner.folder.clone() else { return Ok(Vec::new()) };
        let mut walk = self.inner.walk.lock().await;
        if walk.again_at.is_some_and(|at| now < at) {
            return Ok(Vec::new());
        }
        let entries = walk.entries.take();
        let (found, entries) = blocking(move || {
            let mut entries = match entries {
                Some(entries) => entries,
                None => match fs::read_dir(&folder) {
                    Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), None)),
                    opened => opened.map_err(|error| refused(&folder, &error))?,
                },
            };
            let mut found = Vec::new();
            while found.len() < most {
                let Some(entry) = entries.next() else { return Ok((found, None)) };
                let entry = entry.map_err(|error| refused(&folder, &error))?;
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with(UNFINISHED) {
                    gone(&entry.path(), fs::remove_file(entry.path()))?;
                }
                found.extend(digest_of(&name));
            }
            Ok((found, Some(entries)))
        })
        .await?;
        walk.again_at = entries.is_none().then(|| now + BETWEEN_WALKS);
        walk.entries = entries;
        Ok(found)
    }

    /// Copies files to the folder beside a backup, and onto that disk.
    pub(crate) async fn copy(&self, hashes: Vec<Hash>, to: &Path) -> Result<(), Error> {
        let Some(folder) = self.inner.folder.clone() else { return Ok(()) };
        let to = to.join(folder.file_name().unwrap_or_default());
        blocking(move || {
            make(&to)?;
            for hash in &hashes {
                let (from, copy) = (folder.join(name(hash)), to.join(name(hash)));
                if copy.exists() {
                    continue;
                }
                let part = to.join(format!("{UNFINISHED}{}", name(hash)));
                match fs::copy(&from, &part) {
                    // What is missing here is missing in the copy; the check-up of either says so.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    copied => copied.map_err(|error| refused(&part, &error))?,
                };
                File::open(&part)
                    .and_then(|file| file.sync_all())
                    .and_then(|()| fs::rename(&part, &copy))
                    .map_err(|error| refused(&part, &error))?;
            }
            sync_folder(&to)
        })
        .await
    }

    fn path(&self, sha256: &Hash) -> Result<PathBuf, Error> {
        let folder = self.inner.folder.as_ref().ok_or_else(|| Error::Lost(name(sha256)))?;
        Ok(folder.join(name(sha256)))
    }
}

/// Runs `task` where it may wait for the disk.
async fn blocking<T: Send + 'static>(
    task: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(task).await.map_err(|_| Error::Closed)?
}

fn write_all(folder: &Path, contents: &[(Reference, Vec<u8>)]) -> Result<(), Error> {
    make(folder)?;
    std::thread::scope(|scope| {
        let pieces = contents.chunks(contents.len().div_ceil(AT_ONCE));
        let hands: Vec<_> = pieces
            .map(|piece| {
                scope.spawn(move || {
                    piece.iter().try_for_each(|(reference, content)| write(folder, *reference, content))
                })
            })
            .collect();
        hands
            .into_iter()
            .try_for_each(|hand| hand.join().map_err(|_| Error::Io("a thread panicked".into()))?)
    })?;
    sync_folder(folder)
}

fn write(folder: &Path, reference: Reference, content: &[u8]) -> Result<(), Error> {
    let path = folder.join(reference.name());
    // A name is given only to what is whole and on disk.
    if fs::metadata(&path).is_ok_and(|file| file.len() == reference.bytes) {
        return Ok(());
    }
    let part = folder.join(format!("{UNFINISHED}{}", reference.name()));
    File::create(&part)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&part, &path))
        .map_err(|error| refused(&part, &error))
}

fn read_file(path: &Path, reference: Reference) -> Result<Vec<u8>, Error> {
    let lost = || Error::Lost(reference.name());
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(lost()),
        opened => opened.map_err(|error| refused(path, &error))?,
    };
    let mut content = Vec::new();
    // One byte more than it should have tells that it has more.
    file.take(reference.bytes + 1).read_to_end(&mut content).map_err(|error| refused(path, &error))?;
    if Reference::of(&content) == reference { Ok(content) } else { Err(lost()) }
}

/// Makes the folder, and puts its name on disk.
fn make(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    folder.ancestors().skip(1).take(2).filter(|above| !above.as_os_str().is_empty()).try_for_each(sync_folder)
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| refused(folder, &error))
}

/// What is gone already is as it should be.
fn gone(path: &Path, outcome: std::io::Result<()>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(path, &error)),
        _ => Ok(()),
    }
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
        _ => Error::Io(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn what_is_large_lies_in_a_file_and_reads_back() {
        let folder = tempfile::TempDir::new().unwrap();
        let payloads = Payloads::of(folder.path(), "one", 100);
        let large = format!("[{}]", " ".repeat(200)).into_bytes();
        let (mut small, mut first, mut second) = (b"[]".to_vec(), large.clone(), large.clone());
        let run = Uuid::now_v7();
        let rows = payloads
            .spill(vec![(run, 0, &mut small), (run, 1, &mut first), (run, 2, &mut second)])
            .await
            .unwrap();
        assert_eq!((small.as_slice(), rows.len(), first.len()), (&b"[]"[..], 2, REFERENCE));
        assert_eq!(first, second, "the same content is the same file");
        let files: Vec<_> = payloads.next_files(10, DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(files, [rows[0].reference.sha256]);
        assert_eq!(payloads.content(rows[0].reference).await.unwrap(), large);
        assert_eq!(payloads.events(&first).await.unwrap(), Vec::new());
    }

    #[tokio::test]
    async fn damage_and_loss_are_told_apart_from_content() {
        let folder = tempfile::TempDir::new().unwrap();
        let payloads = Payloads::of(folder.path(), "one", 4);
        let mut column = b"[    ]".to_vec();
        let rows = payloads.spill(vec![(Uuid::now_v7(), 0, &mut column)]).await.unwrap();
        let path = folder.path().join("one").join(rows[0].reference.name());
        for damaged in [&b"[   ]"[..], b"[    ] ", b"[x   ]"] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(payloads.events(&column).await, Err(Error::Lost(_))));
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(payloads.events(&column).await, Err(Error::Lost(_))));
        payloads.remove(vec![rows[0].reference.sha256]).await.unwrap();
    }

    #[tokio::test]
    async fn a_search_goes_through_the_folder_and_clears_what_was_cut_off() {
        let folder = tempfile::TempDir::new().unwrap();
        let payloads = Payloads::of(folder.path(), "one", 4);
        for n in 0..5 {
            let mut column = format!("[     {n}]").into_bytes();
            payloads.spill(vec![(Uuid::now_v7(), 0, &mut column)]).await.unwrap();
        }
        let part = folder.path().join("one").join(format!("{UNFINISHED}x"));
        fs::write(&part, "half").unwrap();
        let (mut found, mut pieces) = (Vec::<Hash>::new(), 0);
        loop {
            let piece = payloads.next_files(2, DateTime::UNIX_EPOCH).await.unwrap();
            found.extend(&piece);
            pieces += 1;
            if piece.len() < 2 {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!((found.len(), pieces), (5, 3));
        assert!(!part.exists());
        assert!(payloads.next_files(2, DateTime::UNIX_EPOCH).await.unwrap().is_empty(), "not again so soon");
        payloads.search_anew().await;
        assert_eq!(payloads.next_files(9, DateTime::UNIX_EPOCH).await.unwrap().len(), 5);
    }

    #[test]
    fn only_a_reference_reads_as_one() {
        let reference = Reference::of(b"content");
        assert_eq!(Reference::read(&reference.column()), Some(reference));
        assert_eq!(digest_of(&reference.name()), Some(reference.sha256));
        for other in
            [&b"[]"[..], b"TLPF", &[0x28, 0xb5, 0x2f, 0xfd, 0], &[&reference.column()[..], b"x"].concat()]
        {
            assert_eq!(Reference::read(other), None);
        }
        for other in ["", "part-1", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(digest_of(other), None);
        }
    }
}
