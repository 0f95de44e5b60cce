//! Making sure that what was erased cannot be read from the files any more.
//!
//! What the writer deletes is overwritten, but an older row may lie in a page that was split or moved long ago. So the
//! files are searched, and written anew when something is found.

use super::{Sqlite, connect};
use crate::error::Error;
use crate::shared::erasures::Marks;
use sqlx::Executor;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

/// How long to wait for readers of the log.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes read at a time.
const CHUNK: usize = 1024 * 1024;

impl Sqlite {
    /// Empties the log, and writes the file anew if it still holds `marks`; answers how often it holds them after all.
    pub(crate) async fn scrub(&self, marks: &Marks) -> Result<u64, Error> {
        connect::checkpoint(&self.settings, PATIENCE).await?;
        if self.search(marks).await? == 0 {
            return Ok(0);
        }
        self.writer
            .alone(|connection| Box::pin(async move { Ok(connection.execute("VACUUM").await.map(drop)?) }))
            .await?;
        connect::checkpoint(&self.settings, PATIENCE).await?;
        self.search(marks).await
    }

    /// How often the files hold `marks`, in whatever case.
    async fn search(&self, marks: &Marks) -> Result<u64, Error> {
        let (files, marks) = (connect::files(&self.settings), marks.texts().to_vec());
        let search = move || files.iter().try_fold(0, |found, file| Ok(found + search_file(file, &marks)?));
        let searched: Result<std::io::Result<u64>, _> = tokio::task::spawn_blocking(search).await;
        searched.map_err(|_| Error::Closed)?.map_err(|error| Error::Io(error.to_string()))
    }
}

fn search_file(path: &PathBuf, marks: &[String]) -> std::io::Result<u64> {
    let mut file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        opened => opened?,
    };
    let longest = marks.iter().map(String::len).max().unwrap_or(1);
    let (mut found, mut kept) = (0, Vec::new());
    loop {
        let begin = kept.len();
        kept.resize(begin + CHUNK, 0);
        let read = file.read(&mut kept[begin..])?;
        kept.truncate(begin + read);
        kept[begin..].make_ascii_lowercase();
        if read == 0 {
            return Ok(found);
        }
        for mark in marks {
            // Those that end in the part that was seen before were counted then.
            let seen_before = begin.saturating_sub(mark.len() - 1);
            found += count(&kept[seen_before.min(kept.len())..], mark.as_bytes());
        }
        let tail = kept.len().saturating_sub(longest - 1);
        kept.drain(..tail);
    }
}

fn count(text: &[u8], mark: &[u8]) -> u64 {
    text.windows(mark.len()).filter(|window| *window == mark).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_across_chunks() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        let mut bytes = vec![b'x'; CHUNK - 3];
        bytes.extend_from_slice(b"Ada@Example.com and ada@example.com");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(search_file(&path, &["ada@example.com".into(), "x and".into()]).unwrap(), 2);
        assert_eq!(search_file(&folder.path().join("none"), &["a".into()]).unwrap(), 0);
    }
}
