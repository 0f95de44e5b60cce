//! CSV and TSV: rows of values between separators.

use super::{BadRow, Column, Format, Headings, Parsed, Room, cell_text, fits, malformed, put, typed};
use crate::failure::Failure;
use crate::formula;
use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Rows that are looked at to find the separator.
const SNIFFED: usize = 20;
/// Bytes of the beginning that are looked at to find the separator.
const SNIFFED_BYTES: usize = 64 * 1024;

/// What stands between values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::steps) enum Separator {
    /// What divides the first rows best; a comma when writing.
    #[default]
    Auto,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
}

impl Separator {
    fn byte(self) -> Option<u8> {
        match self {
            Self::Auto => None,
            Self::Comma => Some(b','),
            Self::Semicolon => Some(b';'),
            Self::Tab => Some(b'\t'),
            Self::Pipe => Some(b'|'),
        }
    }
}

/// How a table is read.
#[derive(Debug, Clone, Copy)]
pub(in crate::steps) struct Reading {
    /// Whether the first row has the names of the columns.
    pub(in crate::steps) header: bool,
    /// Whether numbers and yes or no are recognised.
    pub(in crate::steps) typed: bool,
}

/// Reads the rows of `text`. A row with more or fewer values than there are columns is a bad one; rows without any value
/// are left out.
///
/// # Errors
/// `RUN-0110` and `RUN-0120` for what is too big.
pub(in crate::steps) fn read(text: &str, separator: Separator, reading: Reading) -> Result<Parsed, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    let separator = separator.byte().unwrap_or_else(|| sniffed(text));
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut parsed, mut room) = (Parsed::default(), Room::new());
    let mut headings: Option<Headings> = None;
    let (mut record, mut lines) = (StringRecord::new(), Lines::new(text));
    while reader.read_record(&mut record).map_err(|error| malformed(Format::Csv, error))? {
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let headings = match &mut headings {
            Some(headings) => headings,
            None => {
                let first = headings.insert(first_row(&record, reading.header)?);
                if reading.header {
                    continue;
                }
                first
            }
        };
        parsed.another()?;
        let (found, wanted) = (record.len(), headings.names().len());
        if found != wanted {
            let reason = format!("it has {found} values, and there are {wanted} columns");
            parsed.bad.push(BadRow::new(line, reason, &shown(&record, separator)));
            continue;
        }
        let mut fields = Map::with_capacity(found);
        for (name, cell) in headings.names().iter().zip(&record) {
            put(&mut fields, &mut room, name, value(cell, reading.typed))?;
        }
        parsed.items.push(Value::Object(fields));
    }
    parsed.columns = headings.map(Headings::into_names).unwrap_or_default();
    Ok(parsed)
}

/// Counts lines as an editor does. The reader's own count stands still at blank lines and before `\r\n`.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of the record that the reader began to look for at `byte`; bytes only ever grow.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&sign) = self.text.get(self.at).filter(|sign| self.at < from || b"\r\n".contains(sign))
        {
            self.at += 1;
            let ends = sign == b'\n' || (sign == b'\r' && self.text.get(self.at) != Some(&b'\n'));
            self.line += u64::from(ends);
        }
        self.line
    }
}

fn first_row(record: &StringRecord, header: bool) -> Result<Headings, Failure> {
    Headings::of(record.iter().map(|cell| if header { cell.to_owned() } else { String::new() }))
}

fn value(cell: &str, is_typed: bool) -> Value {
    match cell {
        "" => Value::Null,
        text if is_typed => typed(text.trim()),
        text => text.into(),
    }
}

fn shown(record: &StringRecord, separator: u8) -> String {
    record.iter().collect::<Vec<_>>().join(&char::from(separator).to_string())
}

/// The separator that divides the first rows into most values, and all into the same number.
fn sniffed(text: &str) -> u8 {
    let end = (0..=SNIFFED_BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let score = |separator: u8| {
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(&text.as_bytes()[..end]);
        let widths: Vec<usize> =
            reader.records().take(SNIFFED).map_while(Result::ok).map(|record| record.len()).collect();
        let first = widths.first().copied().unwrap_or_default();
        let alike = widths.iter().filter(|&&width| width == first).count();
        // What does not divide at all divides worst; then it counts how many rows agree, then into how much.
        (first > 1, alike, first)
    };
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|&separator| score(separator)).unwrap_or(b',')
}

/// How a table is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::steps) struct Writing {
    /// What stands between values.
    pub(in crate::steps) separator: Separator,
    /// Whether the first row has the names of the columns.
    pub(in crate::steps) header: bool,
    /// Whether texts that a spreadsheet would take for formulas are made harmless.
    pub(in crate::steps) guard: bool,
    /// Whether the file begins with the mark that tells Excel it is UTF-8.
    pub(in crate::steps) mark: bool,
}

/// Writes `rows` under `columns`.
///
/// # Errors
/// `RUN-0128` when the file becomes too large.
pub(in crate::steps) fn write(
    columns: &[Column],
    rows: &[Vec<Value>],
    writing: Writing,
) -> Result<String, Failure> {
    let mut file = if writing.mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    if columns.is_empty() {
        // A row without any column would read as one empty value.
        return Ok(String::from_utf8(file).expect("the mark is text"));
    }
    let mut writer = WriterBuilder::new()
        .delimiter(writing.separator.byte().unwrap_or(b','))
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .flexible(true)
        .from_writer(&mut file);
    let broken = |error| malformed(Format::Csv, error);
    let mut written = 0;
    if writing.header {
        let titles = columns.iter().map(|column| guarded(column.title.clone(), writing.guard));
        writer.write_record(titles).map_err(broken)?;
    }
    for row in rows {
        let mut cells = Vec::with_capacity(row.len());
        for value in row {
            let text = cell_text(value);
            let is_text = !matches!(value, Value::Number(_) | Value::Bool(_) | Value::Null);
            cells.push(if is_text { guarded(text, writing.guard) } else { text });
        }
        written += cells.iter().map(|cell| cell.len() + 1).sum::<usize>();
        fits(written)?;
        writer.write_record(cells).map_err(broken)?;
    }
    writer.flush().map_err(|error| malformed(Format::Csv, error))?;
    drop(writer);
    fits(file.len())?;
    Ok(String::from_utf8(file).expect("only text was written"))
}

/// `text`, with an apostrophe in front when a spreadsheet would take it for a formula.
fn guarded(text: String, guard: bool) -> String {
    if guard { formula::guarded(text).into_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::{columns, rows_of};
    use super::*;
    use crate::expression::Scope;
    use proptest::prelude::*;
    use serde_json::json;

    const READING: Reading = Reading { header: true, typed: false };
    const WRITING: Writing = Writing { separator: Separator::Auto, header: true, guard: true, mark: false };

    fn written(items: &Value, writing: Writing) -> String {
        let items = items.as_array().unwrap();
        let columns = columns(items).unwrap();
        write(&columns, &rows_of(&columns, items, &Scope::sample(&json!({}))).unwrap(), writing).unwrap()
    }

    #[test]
    fn the_separator_is_found() {
        for (text, separator) in [
            ("a,b\n1,2", b','),
            ("a;b\n1,5;2", b';'),
            ("name\tsize, in m\nx\t1,2,3", b'\t'),
            ("a|b|c", b'|'),
            ("alone\nx", b','),
            ("\"a;b\",c\n1,2", b','),
            ("", b','),
        ] {
            assert_eq!(sniffed(text), separator, "{text}");
        }
    }

    #[test]
    fn bad_rows_are_reported_and_good_ones_kept() {
        let text = "\u{feff}email;name\r\na@x;\"Ada;\nL\"\r\nshort\r\n;\r\n\r\nb@x;B;extra\r\nc@x;\r\n";
        let parsed = read(text, Separator::Auto, READING).unwrap();
        assert_eq!(parsed.columns, ["email", "name"]);
        assert_eq!(
            parsed.items,
            [json!({"email": "a@x", "name": "Ada;\nL"}), json!({"email": "c@x", "name": null})]
        );
        let bad: Vec<(u64, &str)> = parsed.bad.iter().map(|bad| (bad.row, bad.text.as_str())).collect();
        assert_eq!(bad, [(4, "short"), (7, "b@x;B;extra")]);
        assert_eq!(parsed.bad[0].reason, "it has 1 values, and there are 2 columns");
    }

    #[test]
    fn a_table_without_names_gets_some() {
        let parsed = read("1,x\n02,true", Separator::Comma, Reading { header: false, typed: true }).unwrap();
        assert_eq!(
            parsed.items,
            [json!({"column_1": 1, "column_2": "x"}), json!({"column_1": "02", "column_2": true})]
        );
        assert!(read("", Separator::Auto, READING).unwrap().items.is_empty());
        assert!(read("a,b", Separator::Auto, READING).unwrap().items.is_empty());
    }

    #[test]
    fn limits_hold() {
        let code = |text: &str| read(text, Separator::Comma, READING).unwrap_err().code.into_owned();
        assert_eq!(code(&format!("a\n{}", "x\n".repeat(10_001))), "RUN-0120");
        assert_eq!(code(&",".repeat(1_000).replace(',', "a,")), "RUN-0120");
        let row = "1,".repeat(899);
        assert_eq!(code(&format!("{row}\n").repeat(600)), "RUN-0110");
    }

    #[test]
    fn formulas_are_made_harmless() {
        let items = json!([{"=a": "=1+1", "b": "@SUM", "c": -5, "d": "-5", "e": ["x"]}]);
        assert_eq!(written(&items, WRITING), "'=a,b,c,d,e\r\n'=1+1,'@SUM,-5,'-5,\"[\"\"x\"\"]\"\r\n");
        let trusting = Writing { guard: false, separator: Separator::Semicolon, mark: true, header: false };
        assert_eq!(written(&items, trusting), "\u{feff}=1+1;@SUM;-5;-5;\"[\"\"x\"\"]\"\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            rows in prop::collection::vec(("[a-z]{1,5}", "[ -~äß\n\t]{0,12}", any::<String>()), 1..8),
            separator in prop::sample::select(vec![Separator::Comma, Separator::Semicolon, Separator::Tab, Separator::Pipe]),
        ) {
            let cell = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
            let items: Vec<Value> = rows
                .iter()
                // A mark at the very beginning of a file is not part of the data.
                .map(|(id, a, b)| json!({"id": id, "a": cell(a), "b": cell(b)}))
                .collect();
            let writing = Writing { separator, guard: false, ..WRITING };
            let parsed = read(&written(&json!(items), writing), separator, READING).unwrap();
            prop_assert_eq!(parsed.items, items);
            prop_assert!(parsed.bad.is_empty());
        }
    }
}
