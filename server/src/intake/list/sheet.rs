//! Rows of an Excel workbook. It is a packed folder: it is unpacked once on trial, counting bytes, before anything else
//! reads it, and its cells are read one by one instead of as the rectangle it claims to fill.

use super::heading::Headed;
use super::{Found, ListError, RawRow, Reading, Visitor};
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveTime};
use csv::StringRecord;
use std::fs::File;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use trunkline_leads::importing::MAX_COLUMNS;
use zip::ZipArchive;

/// Most bytes a workbook may unfold to.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// Most bytes of the part that holds the texts, which is held in memory.
const MAX_TEXT_BYTES: u64 = 96 * 1024 * 1024;
/// Most different texts a workbook may announce; the reader makes room for them at once.
const MAX_TEXTS: u64 = 2_000_000;
/// Most files within a workbook.
const MAX_PARTS: usize = 2_000;
/// The part that holds the texts, in small letters.
const TEXTS: &str = "sharedstrings.xml";
/// Bytes of that part in which the announcement must stand.
const BEGINNING: u64 = 64 * 1024;

/// Reads the rows of the chosen sheet, or of the first that has any.
pub(super) fn read(path: &Path, reading: &Reading, visitor: &mut dyn Visitor) -> Result<(), ListError> {
    try_out(path)?;
    // The bytes are a stranger's and the reader is not ours: should it stumble, this file fails and nothing else.
    let read = catch_unwind(AssertUnwindSafe(|| rows(path, reading, visitor)));
    read.unwrap_or_else(|_| Err(ListError::Workbook("is damaged".into())))
}

/// Unpacks every part and throws it away, to learn how large it is; what a packed file says of itself proves nothing.
fn try_out(path: &Path) -> Result<(), ListError> {
    let broken = |error: &dyn std::fmt::Display| ListError::Workbook(format!("is damaged: {error}"));
    let too_far = || ListError::Workbook("unfolds to more than an import may hold".into());
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|error| broken(&error))?;
    if archive.len() > MAX_PARTS {
        return Err(too_far());
    }
    let (mut left, mut is_workbook) = (MAX_UNPACKED, false);
    for part in 0..archive.len() {
        let mut part = archive.by_index(part).map_err(|error| broken(&error))?;
        let name = part.name().map_err(|error| broken(&error))?.to_lowercase();
        is_workbook |= name.ends_with("workbook.xml");
        let mut beginning = Vec::new();
        part.by_ref().take(BEGINNING).read_to_end(&mut beginning).map_err(|error| broken(&error))?;
        let rest =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|error| broken(&error))?;
        let size = rest + beginning.len() as u64;
        left = left.checked_sub(size).ok_or_else(too_far)?;
        if name.ends_with(TEXTS)
            && (size > MAX_TEXT_BYTES || announced(&beginning).is_none_or(|texts| texts > MAX_TEXTS))
        {
            return Err(too_far());
        }
    }
    if is_workbook {
        Ok(())
    } else {
        Err(ListError::Other("packed (zip), and no Excel workbook; unpack it first"))
    }
}

/// How many texts the part announces; `None` when that cannot be told.
fn announced(beginning: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(beginning);
    if text.contains("encoding=\"UTF-7") || text.contains("encoding='UTF-7") {
        return None;
    }
    let at = text.find("<sst").or_else(|| text.find(":sst"))?;
    let tag = text[at..].split('>').next()?;
    match tag.split("uniqueCount=").nth(1) {
        None => Some(0),
        Some(rest) => rest.trim_start_matches(['"', '\'']).split(['"', '\'']).next()?.trim().parse().ok(),
    }
}

fn rows(path: &Path, reading: &Reading, visitor: &mut dyn Visitor) -> Result<(), ListError> {
    let broken = |error: XlsxError| ListError::Workbook(format!("is damaged: {error}"));
    let mut workbook = Xlsx::new(BufReader::new(File::open(path)?)).map_err(broken)?;
    let sheets = workbook.sheet_names();
    let chosen: Vec<String> = match reading.sheet.as_deref().map(str::trim).filter(|sheet| !sheet.is_empty())
    {
        Some(wanted) => {
            let named = sheets.iter().find(|name| name.trim().to_lowercase() == wanted.to_lowercase());
            vec![named.cloned().ok_or_else(|| ListError::NoSheet(wanted.to_owned()))?]
        }
        None => sheets.clone(),
    };
    for sheet in chosen {
        let found = Found {
            kind: "xlsx".into(),
            encoding: "UTF-8".into(),
            sheets: sheets.clone(),
            sheet: Some(sheet.clone()),
            ..Found::default()
        };
        let mut headed = Headed::new(visitor, reading, found, true);
        match cells(&mut workbook, &sheet, &mut headed) {
            // The first sheet is often a cover.
            Err(ListError::Empty) => {}
            other => return other,
        }
    }
    Err(ListError::Empty)
}

fn cells(
    workbook: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    headed: &mut Headed<'_>,
) -> Result<(), ListError> {
    let broken = |error: XlsxError| ListError::Workbook(format!("is damaged: {error}"));
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut row = Gathered::default();
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (number, column) = cell.get_position();
        let Some(value) = shown(cell.get_value()) else { continue };
        if column as usize >= MAX_COLUMNS {
            return Err(ListError::TooWide(column as usize + 1));
        }
        if number != row.number {
            row.hand_over(headed)?;
            row.number = number;
        }
        row.put(column as usize, value);
    }
    row.hand_over(headed)?;
    headed.end()
}

/// The cells of one row.
#[derive(Default)]
struct Gathered {
    number: u32,
    cells: Vec<String>,
    failed: Option<String>,
}

impl Gathered {
    fn put(&mut self, column: usize, value: Result<String, String>) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        match value {
            Ok(text) => self.cells[column] = text,
            Err(error) => {
                let reason = format!("the formula in column {} failed with {error}", column + 1);
                self.failed.get_or_insert(reason);
                self.cells[column] = error;
            }
        }
    }

    fn hand_over(&mut self, headed: &mut Headed<'_>) -> Result<(), ListError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let cells: StringRecord = self.cells.drain(..).collect();
        headed.row(RawRow { number: 0, line: u64::from(self.number) + 1, cells, problem: self.failed.take() })
    }
}

/// What a cell shows; `None` when it is empty, an error when a formula failed.
fn shown(cell: &DataRef<'_>) -> Option<Result<String, String>> {
    Some(Ok(match cell {
        DataRef::Empty => return None,
        DataRef::String(text) if text.is_empty() => return None,
        DataRef::SharedString("") => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => plain_number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(answer) => if *answer { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(moment) => date(moment),
        DataRef::Error(error) => return Some(Err(Data::Error(error.clone()).to_string())),
    }))
}

/// Whole numbers without a fraction: telephone numbers and ids are numbers to a spreadsheet.
fn plain_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}

/// A date as `2026-03-05`, with its time when it has one.
fn date(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
    let time = NaiveTime::from_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into());
    match day.zip(time) {
        Some((_, time)) if moment.is_duration() || (0.0..1.0).contains(&moment.as_f64()) => {
            time.format("%H:%M:%S").to_string()
        }
        Some((day, NaiveTime::MIN)) => day.to_string(),
        Some((day, time)) => day.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string(),
        None => plain_number(moment.as_f64()),
    }
}
