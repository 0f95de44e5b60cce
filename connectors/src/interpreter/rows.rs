//! Rows as CSV and back (RFC 4180): a list of records is one table whose header is all their fields.

use indexmap::IndexSet;
use serde_json::{Map, Value};
use trunkline_engine::expression::into_text;

/// Most bytes of names and cells of the rows of one table.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// `rows` as CSV. Fields that a record lacks are empty; what is not a record cannot be a row.
pub(super) fn written(rows: &Value) -> Option<String> {
    let rows = rows.as_array()?;
    let mut header = IndexSet::new();
    for row in rows {
        header.extend(row.as_object()?.keys());
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    if !header.is_empty() {
        writer.write_record(&header).ok()?;
    }
    for row in rows {
        let cell = |name: &&String| match row.get(name.as_str()) {
            None | Some(Value::Null) => String::new(),
            Some(value) => into_text(value.clone()),
        };
        writer.write_record(header.iter().map(cell)).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// The rows of `bytes`, a record of texts each.
///
/// # Errors
/// What is no CSV, in the reader's words.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    // A byte order mark would become a part of the first name.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    // Every row holds the names once more.
    let (mut rows, mut held) = (Vec::new(), 0);
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        held += header.as_slice().len() + row.as_slice().len();
        if held > MOST_BYTES {
            return Err(format!("its rows would take more than {MOST_BYTES} bytes"));
        }
        let cells = header.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), cell.into()));
        rows.push(Value::Object(cells.collect::<Map<_, _>>()));
    }
    Ok(Value::Array(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn records_of_different_fields_are_one_table() {
        let rows = json!([{ "Email": "a@x.example", "Age": 7 }, { "Email": "b, \"c\"\n", "Vip": true }]);
        let text = written(&rows).unwrap();
        assert_eq!(text, "Email,Age,Vip\na@x.example,7,\n\"b, \"\"c\"\"\n\",,true\n");
        assert_eq!(written(&json!([])).as_deref(), Some(""));
        assert_eq!(written(&json!([1])), None);
        assert_eq!(written(&json!("x")), None);
    }

    #[test]
    fn a_table_is_read_as_records() {
        let rows = read(b"\xef\xbb\xbfId,Name\r\n1,\"Ada\nLovelace\"\r\n").unwrap();
        assert_eq!(rows, json!([{ "Id": "1", "Name": "Ada\nLovelace" }]));
        assert_eq!(read(b""), Ok(json!([])));
        assert!(read(b"a,b\n1\n").is_err(), "a row that lacks a cell is no row");
    }

    #[test]
    fn a_long_name_before_many_rows_does_not_fill_the_memory() {
        let table = format!("{}\n{}", "n".repeat(1024 * 1024), "1\n".repeat(200));
        assert!(read(table.as_bytes()).unwrap_err().contains("would take more than"));
    }

    proptest! {
        /// Whatever texts stand in cells, they come back as they were.
        #[test]
        fn what_is_written_is_read(cells in prop::collection::vec(("\\PC{0,8}", "[\\PC\\n]{0,8}"), 1..6)) {
            let rows: Value = cells.iter().map(|(one, two)| json!({ "one": one, "two": two })).collect();
            prop_assert_eq!(read(written(&rows).unwrap().as_bytes()), Ok(rows));
        }
    }
}
