//! Erasing a person from the files of the data folder that the store does not know: uploaded lists, which go whole, and
//! prepared rows of imports, which are overwritten where they lie.
//!
//! Addresses of many people are looked for in one pass, so that a file is read once for all of them. A row keeps its place
//! and its length, because runs and results find rows by their byte. What it must never do: touch the rows of anybody else.

use crate::intake::list::{self, Found, ListError, RawRow, Reading, Visitor};
use aho_corasick::AhoCorasick;
use csv::{ByteRecord, ReaderBuilder};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What a prepared row says instead of its values, as the reason why it cannot be used. Not longer than the shortest
/// address, so that it has room in any row that held one.
const ERASED: &str = "erased";
/// Bytes of a line that are looked at together; no value in a list is as long.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// Addresses that are looked for.
#[derive(Debug)]
pub struct Addresses(AhoCorasick);

impl Addresses {
    /// These, which are in lower case.
    ///
    /// # Panics
    /// When they are so many that they fill gigabytes; a page of leads does not.
    #[must_use]
    pub fn new(addresses: &[String]) -> Self {
        Self(AhoCorasick::new(addresses).expect("addresses of a page of leads"))
    }

    /// Whether there are any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.patterns_len() == 0
    }

    fn are_in(&self, text: &str) -> bool {
        self.0.is_match(&text.to_lowercase())
    }
}

/// Whether a file holds one of `addresses`: in its bytes, or as a list in whatever form. A file that cannot be read holds
/// nothing that could be.
#[must_use]
pub fn holds(path: &Path, addresses: &Addresses) -> bool {
    holds_bytes(path, addresses).unwrap_or(false) || holds_row(path, addresses)
}

/// Overwrites the prepared rows at `path` that hold one of `addresses`; answers how many.
///
/// # Errors
/// The disk's. There being no such file is none.
pub fn overwrite_rows(path: &Path, addresses: &Addresses) -> std::io::Result<u64> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        opened => opened?,
    };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, &file));
    let (mut record, mut found) = (ByteRecord::new(), Vec::new());
    loop {
        let begin = reader.position().byte();
        if !reader.read_byte_record(&mut record)? {
            break;
        }
        if record.iter().any(|cell| addresses.are_in(&String::from_utf8_lossy(cell))) {
            let line = String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned();
            found.push((begin, reader.position().byte(), line));
        }
    }
    drop(reader);
    if found.is_empty() {
        return Ok(0);
    }
    let mut file = &file;
    for (begin, end, line) in &found {
        file.seek(SeekFrom::Start(*begin))?;
        file.write_all(&blank(line, usize::try_from(end - begin).unwrap_or(0)))?;
    }
    file.sync_all()?;
    Ok(found.len() as u64)
}

/// A prepared row of `length` bytes that says of a line only that it was erased.
fn blank(line: &str, length: usize) -> Vec<u8> {
    let mut row = format!("{line},{ERASED},").into_bytes();
    row.resize(length.saturating_sub(1), b' ');
    row.push(b'\n');
    row
}

fn holds_bytes(path: &Path, addresses: &Addresses) -> std::io::Result<bool> {
    let mut lines = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        if addresses.are_in(&String::from_utf8_lossy(&line)) {
            return Ok(true);
        }
    }
}

/// Whether a row of any sheet holds one of `addresses`: workbooks are packed, and texts may be encoded in many ways.
fn holds_row(path: &Path, addresses: &Addresses) -> bool {
    let mut sheets = vec![None];
    let mut is_first = true;
    while let Some(sheet) = sheets.pop() {
        let mut search = RowSearch { addresses, sheets: Vec::new(), found: false };
        let reading = Reading { header: Some(false), sheet, ..Reading::default() };
        // What is no list was searched by its bytes.
        let _ = list::read(path, &reading, &mut search);
        if search.found {
            return true;
        }
        if std::mem::take(&mut is_first) {
            sheets.extend(search.sheets.into_iter().skip(1).map(Some));
        }
    }
    false
}

struct RowSearch<'a> {
    addresses: &'a Addresses,
    sheets: Vec<String>,
    found: bool,
}

impl Visitor for RowSearch<'_> {
    fn found(&mut self, found: &Found) -> Result<(), ListError> {
        self.sheets.clone_from(&found.sheets);
        Ok(())
    }

    fn row(&mut self, row: &RawRow) -> Result<(), ListError> {
        if row.cells.iter().any(|cell| self.addresses.are_in(cell)) {
            self.found = true;
            return Err(ListError::Stopped);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::blocks::{Place, read};

    fn of(addresses: &[&str]) -> Addresses {
        Addresses::new(&addresses.iter().map(|address| (*address).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn many_are_looked_for_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("leads.csv");
        std::fs::write(&path, "email\nBen@example.com\n").unwrap();
        let many: Vec<String> = (0..5_000).map(|n| format!("person{n}@example.org")).collect();
        assert!(!holds(&path, &Addresses::new(&many)));
        let with_ben: Vec<String> = many.into_iter().chain(["ben@example.com".into()]).collect();
        assert!(holds(&path, &Addresses::new(&with_ben)));
        assert!(of(&[]).is_empty() && !holds(&path, &of(&[])));
    }

    #[test]
    fn files_are_searched_in_whatever_case() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("leads.csv");
        std::fs::write(&path, "email,name\nBen@example.com,Ben\nAda@Example.com,Ada\n").unwrap();
        assert!(holds(&path, &of(&["ada@example.com"])));
        assert!(!holds(&path, &of(&["greta@example.com"])));
        assert!(!holds(&folder.path().join("none"), &of(&["ada@example.com"])));
    }

    #[test]
    fn texts_are_searched_however_they_are_encoded() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("leads.txt");
        let text: Vec<u8> = "\u{feff}email;name\r\nAda@Example.com;Ada\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        std::fs::write(&path, text).unwrap();
        assert!(holds(&path, &of(&["ada@example.com"])));
        assert!(!holds(&path, &of(&["greta@example.com"])));
    }

    #[test]
    fn overwritten_rows_keep_their_place() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("x.rows");
        let before = "2,,a@b.c\n3,,Ben,ben@example.com\n4,,\"Ada\nLovelace\",\"Ada@example.com\"\n5,,Zoe,zoe@example.com\n";
        std::fs::write(&path, before).unwrap();
        let gone = of(&["a@b.c", "ada@example.com"]);
        assert_eq!(overwrite_rows(&path, &gone).unwrap(), 2);
        let after = std::fs::read_to_string(&path).unwrap();
        assert_eq!(after.len(), before.len());
        assert!(!after.to_lowercase().contains("ada") && !after.contains("a@b.c"), "{after}");
        let (rows, _) = read(&path, Place::START, 10).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.line(), row.problem(), row.cell(0))).collect();
        assert_eq!(told[0].0, 2);
        assert!(told[0].1.is_some());
        assert_eq!(told[1], (3, None, Some("Ben")));
        assert_eq!((told[2].0, told[2].1), (4, Some(ERASED)));
        assert_eq!(told[3], (5, None, Some("Zoe")));
        assert_eq!(overwrite_rows(&path, &gone).unwrap(), 0, "nothing is left");
        assert_eq!(overwrite_rows(&folder.path().join("none"), &gone).unwrap(), 0);
    }
}
