//! CSV as spreadsheets read it: UTF-8 with its mark, commas, quotes where they are needed, CRLF.

use super::{Sheet, text};
use serde_json::Value;
use std::io::{self, Write};

/// Signs that make a spreadsheet take a text for a formula.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A CSV file being written.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    is_begun: bool,
}

impl<W: Write> Csv<W> {
    /// A file that goes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, is_begun: false }
    }
}

impl<W: Write> Sheet for Csv<W> {
    fn row(&mut self, cells: &[Value]) -> io::Result<()> {
        if !self.is_begun {
            self.is_begun = true;
            // Excel takes a file for UTF-8 only when it begins with this mark.
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell_text(cell))).collect();
        self.out.write_all(line.join(",").as_bytes())?;
        self.out.write_all(b"\r\n")
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn cell_text(cell: &Value) -> String {
    // A number is one, whatever sign it has; a text that looks like one may be anything.
    if cell.is_number() { text(cell) } else { guarded(text(cell)) }
}

/// `text`, with an apostrophe in front when a spreadsheet would take it for a formula.
#[must_use]
pub fn guarded(text: String) -> String {
    if text.starts_with(FORMULA_SIGNS) { format!("'{text}") } else { text }
}

fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_out_is_quoted_and_no_formula() {
        let mut out = Vec::new();
        let mut csv = Csv::new(&mut out);
        csv.row(&[json!("Name"), json!("Value")]).unwrap();
        let cells = ["=1+1", "+41", "-x", "@a", "\tb", "\rc", "a,\"b\""].map(Value::from);
        csv.row(&cells).unwrap();
        csv.row(&[json!(-5), json!(true), Value::Null, json!(["a", "b"]), json!({"a": 1})]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\u{feff}Name,Value\r\n'=1+1,'+41,'-x,'@a,'\tb,\"'\rc\",\"a,\"\"b\"\"\"\r\n-5,yes,,a; b,\"{\"\"a\"\":1}\"\r\n"
        );
    }
}
