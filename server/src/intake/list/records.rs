//! Rows of a text: values between delimiters, quoted or not, one record after the other.
//!
//! A quote that is never closed would swallow the rest of the file. Where a record does not end within what a row may
//! have, or runs over several lines and then has another number of values than the header, only its first line is given
//! up, and reading goes on with the next one.

use super::heading::Headed;
use super::look::Text;
use super::{Found, ListError, RawRow, Reading, Visitor};
use crate::intake::csv::{Decoded, MAX_ROW_BYTES};
use csv::{ByteRecord, StringRecord};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Bytes read at once.
const PIECE: usize = 256 * 1024;
/// Delimiters that are looked for.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are looked at to find the delimiter.
const SNIFFED: usize = 30;

/// Reads the rows of the text in `file`.
pub(super) fn read(
    mut file: File,
    text: &Text,
    reading: &Reading,
    visitor: &mut dyn Visitor,
) -> Result<(), ListError> {
    let is_wide = [UTF_16LE, UTF_16BE].contains(&text.encoding);
    let (told, beginning) = told_delimiter(&text.beginning);
    let chosen =
        reading.delimiter.and_then(|c| u8::try_from(c).ok()).filter(|byte| DELIMITERS.contains(byte));
    let delimiter = chosen.or(told).unwrap_or_else(|| sniffed(beginning));
    let found = Found {
        kind: "text".into(),
        encoding: text.encoding.name().to_owned(),
        delimiter: Some(char::from(delimiter)),
        ..Found::default()
    };
    let mut headed = Headed::new(visitor, reading, found, false);
    let source: Box<dyn Read> = if is_wide {
        Box::new(Decoded::new(file, text.encoding))
    } else {
        file.seek(SeekFrom::Start(text.mark as u64))?;
        Box::new(file)
    };
    let mut records = Records::new(source, delimiter);
    if told.is_some() {
        records.skip_line()?;
    }
    let mut others = 0_u64;
    while let Some(record) = records.next(headed.width())? {
        let (cells, is_other) = decoded(record.cells, text.encoding == WINDOWS_1252);
        if is_other && text.encoding == UTF_8 {
            others += 1;
            headed.note(
                "Some rows are not written in UTF-8 as the others are; they are read as Windows-1252.".into(),
            );
        }
        headed.row(RawRow { number: 0, line: record.line, cells, problem: record.problem })?;
        headed.at(records.taken);
    }
    tracing::debug!(others, "rows in another encoding than the file");
    headed.end()
}

/// The delimiter that the first line announces, as Excel writes it (`sep=;`), and the text without that line.
fn told_delimiter(text: &str) -> (Option<u8>, &str) {
    let text = text.trim_start_matches('\u{feff}');
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end_matches('\r').to_ascii_lowercase().strip_prefix("sep=").map(str::as_bytes) {
        Some([byte]) if DELIMITERS.contains(byte) => (Some(*byte), rest),
        _ => (None, text),
    }
}

/// The delimiter that divides the first rows into most values, and all into the same number.
fn sniffed(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut records = Records::new(text.as_bytes(), delimiter);
        let mut widths = Vec::new();
        while widths.len() < SNIFFED
            && let Ok(Some(record)) = records.next(None)
        {
            let says_something = record.cells.len() > 1 || record.cells.iter().any(|cell| !cell.is_empty());
            if record.problem.is_none() && says_something {
                widths.push(record.cells.len());
            }
        }
        // The last row may be cut off where the look ends.
        if widths.len() > 2 {
            widths.pop();
        }
        let mut counts: Vec<usize> = widths.clone();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == usual).count();
        (usual > 1, alike * usual.min(100), usual)
    };
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

/// The record as text, and whether it was not UTF-8.
fn decoded(cells: ByteRecord, is_western: bool) -> (StringRecord, bool) {
    if is_western && !cells.as_slice().is_ascii() {
        return (cells.iter().map(|cell| WINDOWS_1252.decode_without_bom_handling(cell).0).collect(), true);
    }
    match StringRecord::from_byte_record(cells) {
        Ok(cells) => (cells, false),
        Err(error) => {
            let cells = error.into_byte_record();
            (cells.iter().map(|cell| WINDOWS_1252.decode_without_bom_handling(cell).0).collect(), true)
        }
    }
}

/// A record as it stands in the text.
pub(super) struct Record {
    line: u64,
    pub(super) cells: ByteRecord,
    problem: Option<String>,
}

/// Records of a text, one after the other.
pub(super) struct Records<R> {
    source: R,
    delimiter: u8,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    line: u64,
    /// Bytes of the source that are behind us.
    taken: u64,
}

/// What was found at the beginning of the buffer.
enum Scan {
    /// A record of so many bytes and lines; torn when something stands behind a closing quote.
    Record { cells: ByteRecord, bytes: usize, lines: u64, is_torn: bool },
    /// The buffer ends within a record.
    More,
    /// A quote is open at the end of what a row may have, or of the file.
    Open,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        Self { source, delimiter, buffer: Vec::new(), at: 0, ended: false, line: 1, taken: 0 }
    }

    fn skip_line(&mut self) -> Result<(), ListError> {
        let line = self.first_line()?;
        self.go_on(line, 1);
        Ok(())
    }

    /// The next record; `wanted` is how many values it should have.
    pub(super) fn next(&mut self, wanted: Option<usize>) -> Result<Option<Record>, ListError> {
        loop {
            if self.at == self.buffer.len() && !self.fill()? {
                return Ok(None);
            }
            let line = self.line;
            match self.scan() {
                Scan::More => {
                    self.fill()?;
                }
                Scan::Record { cells, bytes, lines, is_torn } => {
                    let is_odd =
                        wanted.is_some_and(|wanted| cells.len() != wanted) && !is_blank_end(&cells, wanted);
                    if lines > 1 && (is_odd || is_torn) {
                        return self.give_up_line().map(Some);
                    }
                    self.go_on(bytes, lines);
                    return Ok(Some(Record { line, cells, problem: None }));
                }
                Scan::Open => return self.give_up_line().map(Some),
            }
        }
    }

    /// The first line of the buffer as a record that cannot be used.
    fn give_up_line(&mut self) -> Result<Record, ListError> {
        let (line, bytes) = (self.line, self.first_line()?);
        let mut cells = ByteRecord::new();
        let shown = &self.buffer[self.at..self.at + bytes];
        cells.push_field(&shown[..shown.len().min(1_000)]);
        self.go_on(bytes, 1);
        let problem = "a quote is opened and not closed where the value ends".to_owned();
        Ok(Record { line, cells, problem: Some(problem) })
    }

    /// Bytes of the first line, with its end.
    fn first_line(&mut self) -> Result<usize, ListError> {
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                return Ok(end + 1);
            }
            // A line longer than a row may be is cut; what follows is looked at for itself.
            if rest.len() > MAX_ROW_BYTES || !self.fill()? {
                return Ok(self.buffer.len() - self.at);
            }
        }
    }

    fn go_on(&mut self, bytes: usize, lines: u64) {
        self.at += bytes;
        self.taken += bytes as u64;
        self.line += lines;
    }

    /// Reads more; false at the end.
    fn fill(&mut self) -> Result<bool, ListError> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + PIECE, 0);
        let count = self.source.read(&mut self.buffer[before..])?;
        self.buffer.truncate(before + count);
        self.ended = count == 0;
        Ok(count > 0)
    }

    fn scan(&self) -> Scan {
        let text = &self.buffer[self.at..];
        let mut cells = ByteRecord::new();
        let mut cell: Vec<u8> = Vec::new();
        let (mut place, mut lines) = (0, 0_u64);
        let (mut is_start, mut is_torn) = (true, false);
        while let Some(&byte) = text.get(place) {
            if place > MAX_ROW_BYTES {
                return Scan::Open;
            }
            if is_start && byte == b'"' {
                place += 1;
                loop {
                    let Some(offset) = text[place..].iter().position(|byte| *byte == b'"') else {
                        let is_too_long = text.len() > MAX_ROW_BYTES;
                        return if self.ended || is_too_long { Scan::Open } else { Scan::More };
                    };
                    let piece = &text[place..place + offset];
                    lines += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
                    cell.extend_from_slice(piece);
                    place += offset + 1;
                    match text.get(place) {
                        Some(b'"') => {
                            cell.push(b'"');
                            place += 1;
                        }
                        None if !self.ended => return Scan::More,
                        _ => break,
                    }
                }
                let ends = [self.delimiter, b'\n', b'\r'];
                is_torn |= text.get(place).is_some_and(|next| !ends.contains(next));
                is_start = false;
            } else if byte == self.delimiter {
                cells.push_field(&cell);
                cell.clear();
                is_start = true;
                place += 1;
            } else if byte == b'\n' || byte == b'\r' {
                place += 1;
                if byte == b'\r' {
                    match text.get(place) {
                        Some(b'\n') => place += 1,
                        None if !self.ended => return Scan::More,
                        _ => {}
                    }
                }
                cells.push_field(&cell);
                return Scan::Record { cells, bytes: place, lines: lines + 1, is_torn };
            } else {
                let stop = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
                let end = text[place..].iter().position(stop).map_or(text.len(), |offset| place + offset);
                cell.extend_from_slice(&text[place..end]);
                is_start = false;
                place = end;
            }
        }
        if !self.ended {
            return if place > MAX_ROW_BYTES { Scan::Open } else { Scan::More };
        }
        cells.push_field(&cell);
        Scan::Record { cells, bytes: place, lines: lines + 1, is_torn }
    }
}

/// Whether a record is only longer than wanted by empty values.
fn is_blank_end(cells: &ByteRecord, wanted: Option<usize>) -> bool {
    wanted.is_some_and(|wanted| cells.len() > wanted && cells.iter().skip(wanted).all(<[u8]>::is_empty))
}
