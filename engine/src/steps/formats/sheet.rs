//! Excel workbooks. A workbook is a packed folder; it is unpacked once on trial, counting bytes, before anything else
//! reads it, and its cells are read one by one instead of as the rectangle it claims to fill.

use super::{
    BadRow, Column, Format, Headings, MAX_COLUMNS, Parsed, Room, cell_text, fits, malformed, put,
    too_many_columns, too_many_rows,
};
use crate::failure::Failure;
use crate::steps::MAX_ITEMS;
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use quick_xml::events::Event;
use rust_xlsxwriter::{DocProperties, Format as Style, Workbook, Worksheet};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zip::ZipArchive;

/// Most bytes a workbook may unfold to.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
/// Most files within a workbook.
const MAX_PARTS: usize = 2_000;
/// Most different texts a workbook may announce.
const MAX_TEXTS: u64 = 1_000_000;
/// The part that holds the texts, in small letters.
const TEXTS: &str = "sharedstrings.xml";
/// Where in that part the announcement must stand, in bytes.
const BEGINNING: usize = 64 * 1024;
/// Encodings a workbook's texts may declare, in small letters.
const ENCODINGS: [&str; 2] = ["utf-8", "utf-16"];
/// Longest text of a cell, in characters.
const MAX_CELL: usize = 32_767;
/// Whole numbers beyond this lose digits in a spreadsheet.
const MAX_EXACT: u64 = 1 << 53;
/// Widest column, in pixels.
const MAX_WIDTH: u32 = 400;

/// Reads the rows of the sheet called `sheet`, or of the one with that number, or of the first when it is blank. Rows
/// without any value are left out; a row in which a formula failed is a bad one.
///
/// # Errors
/// `RUN-0121` when it is no workbook, `RUN-0123` when the sheet is missing, `RUN-0124` when it unfolds to too much,
/// `RUN-0110` and `RUN-0120` for what is too big.
pub(in crate::steps) fn read(bytes: &[u8], sheet: &str, header: bool) -> Result<Parsed, Failure> {
    try_out(bytes)?;
    // The bytes are a stranger's and the reader is not ours: should it stumble, the step fails and nothing else.
    let read = catch_unwind(AssertUnwindSafe(|| rows(bytes, sheet)));
    let (rows, sheets) = read.unwrap_or_else(|_| Err(malformed(Format::Xlsx, "it is damaged")))?;
    let parsed = table(rows, header)?;
    Ok(Parsed { sheets, ..parsed })
}

/// Unpacks every part and throws it away, to learn how large it is; what a packed file says of itself proves nothing.
fn try_out(bytes: &[u8]) -> Result<(), Failure> {
    let broken = |error: &dyn std::fmt::Display| malformed(Format::Xlsx, error);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > MAX_PARTS {
        return Err(unfolds_too_far());
    }
    let mut left = MAX_UNPACKED;
    for part in 0..archive.len() {
        let mut part = archive.by_index(part).map_err(|error| broken(&error))?;
        let holds_texts = part.name().map_err(|error| broken(&error))?.to_lowercase().ends_with(TEXTS);
        let mut beginning = Vec::new();
        part.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning).map_err(|error| broken(&error))?;
        let rest =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|error| broken(&error))?;
        let size = rest + beginning.len() as u64;
        left = left.checked_sub(size).ok_or_else(unfolds_too_far)?;
        if holds_texts && announced_texts(&beginning).is_none_or(|texts| texts > MAX_TEXTS) {
            return Err(unfolds_too_far());
        }
    }
    Ok(())
}

/// How many texts the part that holds them announces; the reader makes room for as many before it has seen one. `None`
/// when that cannot be told from the beginning, or when an unusual encoding could show the reader another announcement.
fn announced_texts(beginning: &[u8]) -> Option<u64> {
    let text = super::decoded(beginning);
    let mut reader = quick_xml::reader::Reader::from_str(text.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_event().ok()? {
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().ok()?;
                if encoding.is_some_and(|encoding| !ENCODINGS.contains(&encoding.to_lowercase().as_str())) {
                    return None;
                }
            }
            // The reader takes an empty element for a beginning one.
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "sst" => {
                let mut most = 0;
                for attribute in start.attributes().with_checks(false) {
                    let attribute = attribute.ok()?;
                    if attribute.key.local_name().as_ref() == "uniqueCount" {
                        most = most.max(attribute.value.trim().parse().ok()?);
                    }
                }
                return Some(most);
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn unfolds_too_far() -> Failure {
    Failure::bad_input(
        "RUN-0124",
        format!("the workbook unfolds to more than {} MB", MAX_UNPACKED / (1024 * 1024)),
        "Save a workbook with only the sheet that is needed, without pictures.",
    )
}

/// Rows by number from 0, each with its filled cells by column from 0.
type Rows = BTreeMap<u32, BTreeMap<u32, Value>>;

/// The filled cells of the chosen sheet, and the names of all sheets.
fn rows(bytes: &[u8], sheet: &str) -> Result<(Rows, Vec<String>), Failure> {
    let broken = |error: XlsxError| malformed(Format::Xlsx, error);
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets = workbook.sheet_names();
    let name = chosen(&sheets, sheet)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(broken)?;
    let (mut rows, mut room) = (Rows::new(), Room::new());
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let Some(value) = cell_value(cell.get_value()) else { continue };
        if column as usize >= MAX_COLUMNS {
            return Err(too_many_columns());
        }
        room.take(&value)?;
        rows.entry(row).or_default().insert(column, value);
        // One more than the limit: the first may be the heading.
        if rows.len() > MAX_ITEMS + 1 {
            return Err(too_many_rows());
        }
    }
    Ok((rows, sheets))
}

fn chosen(sheets: &[String], wanted: &str) -> Result<String, Failure> {
    let wanted = wanted.trim();
    let by_name = || sheets.iter().find(|name| name.trim().to_lowercase() == wanted.to_lowercase());
    let by_number = || sheets.get(wanted.parse::<usize>().ok()?.checked_sub(1)?);
    let found = if wanted.is_empty() { sheets.first() } else { by_name().or_else(by_number) };
    found.cloned().ok_or_else(|| {
        let there: Vec<&str> = sheets.iter().take(10).map(String::as_str).collect();
        Failure::bad_input(
            "RUN-0123",
            format!("the workbook has no sheet \"{wanted}\"; it has {}", there.join(", ")),
            "Write the name of one of its sheets, or its number from 1.",
        )
    })
}

/// Marks a cell in which a formula failed; no text of a cell begins like this.
const FAILED: char = '\u{0}';

/// What a cell holds; `None` when it is empty.
fn cell_value(cell: &DataRef<'_>) -> Option<Value> {
    Some(match cell {
        DataRef::Empty => return None,
        DataRef::String(text) if text.is_empty() => return None,
        DataRef::SharedString("") => return None,
        DataRef::Int(number) => (*number).into(),
        DataRef::Float(number) => crate::steps::aggregate::number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.as_str().into()
        }
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Bool(answer) => (*answer).into(),
        DataRef::DateTime(moment) => date(moment),
        DataRef::Error(error) => format!("{FAILED}{}", Data::Error(error.clone())).into(),
    })
}

/// A date as `2026-03-05`, with its time when it has one; a span of time as hours, minutes and seconds.
fn date(moment: &ExcelDateTime) -> Value {
    if moment.is_duration() || (0.0..1.0).contains(&moment.as_f64()) {
        #[expect(clippy::cast_possible_truncation, reason = "a span too large saturates")]
        let seconds = (moment.as_f64() * 86_400.0).round() as i64;
        let (sign, seconds) =
            if seconds < 0 { ("-", seconds.unsigned_abs()) } else { ("", seconds.unsigned_abs()) };
        return format!("{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60).into();
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
    let time = NaiveTime::from_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into());
    match day.zip(time) {
        Some((day, NaiveTime::MIN)) => day.to_string().into(),
        Some((day, time)) => day.and_time(time).format("%Y-%m-%dT%H:%M:%S%.f").to_string().into(),
        // The 29 February 1900 that Excel believes in.
        None => crate::steps::aggregate::number(moment.as_f64()),
    }
}

/// Turns cells into records.
fn table(rows: Rows, header: bool) -> Result<Parsed, Failure> {
    let (mut parsed, mut room) = (Parsed::default(), Room::new());
    let width =
        rows.values().filter_map(|row| row.keys().next_back()).max().map_or(0, |last| *last as usize + 1);
    let mut rows = rows.into_iter();
    let first = if header { rows.next().map(|(_, row)| row) } else { None };
    let title = |column: usize| {
        let cell = first.as_ref().and_then(|row| row.get(&u32::try_from(column).ok()?));
        cell.map_or_else(String::new, |cell| cell_text(cell).replace(FAILED, ""))
    };
    let headings = Headings::of((0..width).map(title))?;
    for (number, row) in rows {
        parsed.another()?;
        let mut fields = Map::with_capacity(width);
        let mut failed = None;
        for (name, column) in headings.names().iter().zip(0_u32..) {
            let value = row.get(&column).cloned().unwrap_or_default();
            if let Some(error) = value.as_str().and_then(|text| text.strip_prefix(FAILED)) {
                failed = failed.or_else(|| Some(format!("the formula in column {name} failed with {error}")));
            }
            put(&mut fields, &mut room, name, value)?;
        }
        match failed {
            None => parsed.items.push(Value::Object(fields)),
            Some(reason) => {
                let text = row.values().map(cell_text).collect::<Vec<_>>().join(", ").replace(FAILED, "");
                parsed.bad.push(BadRow::new(u64::from(number) + 1, reason, &text));
            }
        }
    }
    parsed.columns = headings.into_names();
    Ok(parsed)
}

/// Writes `rows` under `columns` into a workbook with one sheet. The same rows at the same moment make the same bytes.
/// Texts are written as texts, so none is taken for a formula.
///
/// # Errors
/// `RUN-0129` for a text or a name that a workbook cannot hold, `RUN-0128` when the file becomes too large.
pub(in crate::steps) fn write(
    columns: &[Column],
    rows: &[Vec<Value>],
    header: bool,
    sheet: &str,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, Failure> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&now));
    let page = workbook.add_worksheet();
    fill(page, columns, rows, header, sheet).map_err(|error| cannot_hold(&error))?;
    let bytes = workbook.save_to_buffer().map_err(|error| cannot_hold(&error))?;
    // It is handed on as base64, four letters for three bytes.
    fits(bytes.len() / 3 * 4)?;
    Ok(bytes)
}

fn fill(
    page: &mut Worksheet,
    columns: &[Column],
    rows: &[Vec<Value>],
    header: bool,
    sheet: &str,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    if !sheet.trim().is_empty() {
        page.set_name(sheet.trim())?;
    }
    if header {
        let bold = Style::new().set_bold();
        for (column, at) in columns.iter().zip(0_u16..) {
            page.write_string_with_format(0, at, column.title.as_str(), &bold)?;
        }
        page.set_freeze_panes(1, 0)?;
    }
    for (row, at) in rows.iter().zip(u32::from(header)..) {
        for (value, column) in row.iter().zip(0_u16..) {
            match value {
                Value::Null => {}
                Value::Bool(answer) => {
                    page.write_boolean(at, column, *answer)?;
                }
                Value::Number(number) => match number.as_f64() {
                    Some(float) if number.is_f64() || is_exact(number) => {
                        page.write_number(at, column, float)?;
                    }
                    _ => {
                        page.write_string(at, column, number.to_string())?;
                    }
                },
                other => {
                    page.write_string(at, column, cell_text(other))?;
                }
            }
        }
    }
    page.set_autofit_max_width(MAX_WIDTH);
    page.autofit();
    Ok(())
}

fn is_exact(number: &serde_json::Number) -> bool {
    let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
    size.is_some_and(|size| size <= MAX_EXACT)
}

fn cannot_hold(error: &rust_xlsxwriter::XlsxError) -> Failure {
    let message = match error {
        rust_xlsxwriter::XlsxError::MaxStringLengthExceeded => {
            format!("a text has more than the {MAX_CELL} characters that a cell can hold")
        }
        other => format!("the workbook cannot be written: {other}"),
    };
    Failure::bad_input(
        "RUN-0129",
        message,
        "Leave the long column out or shorten it; a sheet's name has up to 31 characters and none of []:*?/\\.",
    )
}

#[cfg(test)]
mod tests;
