//! Read data: turns the content of a file into a list.

use super::aggregate::is_empty;
use super::blank;
use super::field::find;
use super::formats::delimited::{self, Separator};
use super::formats::{BadRow, Format, MAX_FILE, Parsed, decoded, json, nothing_at, sheet, xml};
use crate::expression::{Dynamic, Template};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Base64 as senders write it: with padding or without.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Settings of `parse_data`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ParseData {
    /// The content of the file: text, or base64 for files such as Excel workbooks. Up to 8 MB.
    #[schemars(title = "Data", extend("x-placeholder" = "{{ trigger.body.file }}"))]
    data: Dynamic,
    /// What the data is.
    #[serde(default)]
    #[schemars(
        title = "Format",
        extend("x-labels" = {
            "csv": "CSV", "tsv": "TSV (tabs)", "xlsx": "Excel (xlsx)", "json": "JSON", "json_lines": "JSON lines", "xml": "XML"
        })
    )]
    format: Format,
    /// How the content is handed over. Excel workbooks always come as base64.
    #[serde(default)]
    #[schemars(
        title = "The data comes as",
        extend(
            "x-labels" = {"text": "Text", "base64": "Base64"},
            "x-when" = {"format": ["csv", "tsv", "json", "json_lines", "xml"]}
        )
    )]
    encoding: Encoding,
    /// Whether the first row has the names of the columns. Without names, columns are called `column_1`, `column_2` …
    #[serde(default = "yes")]
    #[schemars(title = "The first row has the names", extend("x-when" = {"format": ["csv", "tsv", "xlsx"]}))]
    header: bool,
    /// What stands between the values of a row.
    #[serde(default)]
    #[schemars(
        title = "Separator",
        extend(
            "x-when" = {"format": "csv"},
            "x-labels" = {"auto": "Find it", "comma": "Comma", "semicolon": "Semicolon", "tab": "Tab", "pipe": "Bar |"}
        )
    )]
    separator: Separator,
    /// Turn texts that spell a number or true and false into such. Numbers with leading zeros and phone numbers stay
    /// text.
    #[serde(default)]
    #[schemars(title = "Recognise numbers", extend("x-when" = {"format": ["csv", "tsv"]}))]
    typed: bool,
    /// The name of the sheet, or its number from 1. Leave it empty for the first one.
    #[serde(default)]
    #[schemars(title = "Sheet", extend("x-when" = {"format": "xlsx"}, "x-placeholder" = "Leads"))]
    sheet: Template,
    /// Where the list stands in the data, such as `data.items`. Leave it empty when the data is the list.
    #[serde(default)]
    #[schemars(title = "Where the list is", extend("x-when" = {"format": ["json", "xml"]}, "x-placeholder" = "data.items"))]
    path: String,
}

/// How content is handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    /// As it is.
    #[default]
    Text,
    /// As base64, with or without `data:...;base64,` in front.
    Base64,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<ParseData>(About {
        kind: "parse_data",
        title: "Read a file",
        summary: "Turns CSV, Excel, JSON or XML into a list of records.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &[
            "parse",
            "csv",
            "excel",
            "xlsx",
            "spreadsheet",
            "json",
            "xml",
            "tsv",
            "extract from file",
            "import",
            "attachment",
            "file",
        ],
        default_config: json!({ "data": "", "format": "csv", "encoding": "text", "header": true, "separator": "auto" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "data": "{{ trigger.body.file }}", "format": "csv" }),
            context: json!({ "trigger": { "body": {
                "file": "Email;Company\nada@analytical.example;Analytical Engines\ncharles@engine.example\ngrace@navy.example;Navy",
            } } }),
            output: Some(json!({
                "items": [
                    { "Email": "ada@analytical.example", "Company": "Analytical Engines" },
                    { "Email": "grace@navy.example", "Company": "Navy" },
                ],
                "count": 2,
                "columns": ["Email", "Company"],
                "failed": 1,
                "errors": [{
                    "row": 3, "reason": "it has 1 values, and there are 2 columns", "text": "charles@engine.example",
                }],
                "record": null,
            })),
            port: "out".into(),
        },
        output_sample: json!({
            "items": [{ "Email": "ada@analytical.example", "Company": "Analytical Engines" }], "count": 1,
            "columns": ["Email", "Company"], "failed": 0, "errors": [], "record": null,
        }),
        summary_template: "{format}",
    })
}

const HELP: &str = r"
The output holds the `items`, their `count`, the names of the `columns`, how many rows `failed` and the `errors`: for each
such row its number, the reason and how it begins. Good rows go on whatever is wrong with others. When the data is one
record and not a list, it is also in `record`. For Excel, `sheets` has the names of all sheets.

Worked example: a CSV file of three people. The separator is found to be a semicolon. The second row has one value where two
are needed, so it is reported as row 3 of the file, and the two others become records with `Email` and `Company`.

- **CSV.** Quoted values may hold separators and line breaks. Empty values are empty, not blank text. Rows without any value
  are left out.
- **Excel.** Dates become `2026-03-05` or `2026-03-05T14:30:00`. A row in which a formula shows an error is reported.
- **JSON lines.** One value per line; a line that is broken is reported.
- **XML.** Elements become fields, repeated elements lists, attributes fields with `@` in front. The items are the children
  of the root when they are all of one kind; otherwise say where the list is.

At most 10,000 rows, 1,000 columns, 500,000 cells and 8 MB of text are read, and data may be nested 64 levels deep; a workbook may
unfold to 64 MB. Longer files belong into an import, or into a **Loop** over a file. XML that declares entities is refused.
";

impl Step for ParseData {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let data = self.data.value(context.scope)?;
        let parsed = match self.format {
            Format::Xlsx => sheet::read(&from_base64(&data)?, &self.sheet.text(context.scope)?, self.header)?,
            _ => self.read(&self.text_of(data)?)?,
        };
        let (count, failed) = (parsed.items.len(), parsed.bad.len());
        let mut output = Map::new();
        output.insert("items".into(), parsed.items.into());
        output.insert("count".into(), count.into());
        output.insert("columns".into(), parsed.columns.into());
        output.insert("failed".into(), failed.into());
        output.insert("errors".into(), parsed.bad.into_iter().map(BadRow::into_value).collect());
        output.insert("record".into(), parsed.record.unwrap_or_default());
        if self.format == Format::Xlsx {
            output.insert("sheets".into(), parsed.sheets.into());
        }
        let why = match failed {
            0 => format!("{count} items were read from {}.", self.format.title()),
            _ => format!(
                "{count} items were read from {}; {failed} rows could not be read.",
                self.format.title()
            ),
        };
        Ok(Done::out(Value::Object(output)).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let unset = matches!(&self.data, Dynamic::Literal(value) if is_empty(value));
        let action = "Pick the field that holds the content of the file.";
        unset.then(|| blank("/data", "there is no data to read", action)).into_iter().collect()
    }
}

impl ParseData {
    fn read(&self, text: &str) -> Result<Parsed, Failure> {
        let reading = delimited::Reading { header: self.header, typed: self.typed };
        let path = self.path.trim();
        match self.format {
            Format::Csv => delimited::read(text, self.separator, reading),
            Format::Tsv => delimited::read(text, Separator::Tab, reading),
            Format::JsonLines => json::read_lines(text),
            Format::Xml => xml::read(text, path),
            Format::Json | Format::Xlsx => {
                let data = json::read(text)?;
                if path.is_empty() {
                    return Parsed::of(data);
                }
                Parsed::of(find(&data, path).cloned().ok_or_else(|| nothing_at(path))?)
            }
        }
    }

    /// The text of the file; of data that is no text yet but a list or a record, the JSON it came from.
    fn text_of(&self, data: Value) -> Result<String, Failure> {
        if self.encoding == Encoding::Base64 {
            return from_base64(&data).map(|bytes| decoded(&bytes));
        }
        match data {
            Value::String(text) if text.len() <= MAX_FILE => Ok(text),
            Value::String(_) => Err(too_large()),
            Value::Array(_) | Value::Object(_) if self.format == Format::Json => Ok(data.to_string()),
            other => Err(no_file(&other)),
        }
    }
}

fn from_base64(data: &Value) -> Result<Vec<u8>, Failure> {
    let text = data.as_str().ok_or_else(|| no_file(data))?;
    // A third longer than what it stands for.
    if text.len() > MAX_FILE / 3 * 4 + 1_024 {
        return Err(too_large());
    }
    let content = text.split_once(";base64,").map_or(text, |(_, content)| content);
    let plain: String = content
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let bytes = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT).decode(plain).map_err(|_| {
        let action = "Pick the field that holds the content of the file as base64, not its name or address.";
        Failure::bad_input("RUN-0118", "the data is not base64", action)
    })?;
    if bytes.len() > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
}

fn no_file(data: &Value) -> Failure {
    let message = if is_empty(data) { "there is no data in this run" } else { "the data is no text" };
    let action = "Look at the field the data comes from; it must hold the content of a file.";
    Failure::bad_input("RUN-0118", message, action)
}

fn too_large() -> Failure {
    Failure::bad_input(
        "RUN-0119",
        format!("the file is larger than {} MB", MAX_FILE / (1024 * 1024)),
        "Split the file, or load it as an import, which is made for large files.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    fn parse(settings: Value, data: &Value) -> Result<Value, String> {
        let config = with(json!({"data": "{{ trigger }}"}), settings);
        match start(compiled("parse_data", &config).as_ref(), &json!({"trigger": data})) {
            Ok(crate::kind::Outcome::Done(done)) => Ok(done.output),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.code.into_owned()),
        }
    }

    #[test]
    fn each_format_is_read() {
        let items = |settings: Value, data: &str| parse(settings, &json!(data)).unwrap()["items"].clone();
        assert_eq!(items(json!({"format": "csv", "typed": true}), "a,b\n1,x"), json!([{"a": 1, "b": "x"}]));
        assert_eq!(items(json!({"format": "tsv"}), "a\tb\n1,5\tx"), json!([{"a": "1,5", "b": "x"}]));
        assert_eq!(items(json!({"format": "json"}), "[1, {\"a\": null}]"), json!([1, {"a": null}]));
        assert_eq!(
            items(json!({"format": "json", "path": "data.rows"}), r#"{"data": {"rows": [1]}}"#),
            json!([1])
        );
        assert_eq!(items(json!({"format": "json_lines"}), "1\n2"), json!([1, 2]));
        assert_eq!(items(json!({"format": "xml"}), "<a><b>1</b><b>2</b></a>"), json!(["1", "2"]));
        let record = parse(json!({"format": "json"}), &json!("{\"a\": 1}")).unwrap();
        assert_eq!((&record["record"], &record["count"]), (&json!({"a": 1}), &json!(1)));
        let already = parse(json!({"format": "json", "path": "rows"}), &json!({"rows": [1]})).unwrap();
        assert_eq!(already["items"], json!([1]));
    }

    #[test]
    fn base64_comes_in_several_dresses() {
        let settings = json!({"format": "csv", "encoding": "base64"});
        let bytes = "a;b\nZoë?>;>>>".as_bytes();
        for data in [
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            format!("data:text/csv;base64,{}\n", STANDARD.encode(bytes)),
        ] {
            assert_eq!(
                parse(settings.clone(), &json!(data)).unwrap()["items"],
                json!([{"a": "Zoë?>", "b": ">>>"}])
            );
        }
        assert_eq!(parse(settings, &json!("a;b!")).unwrap_err(), "RUN-0118");
    }

    #[test]
    fn a_workbook_made_by_the_sister_step_is_read() {
        let rows = json!({"trigger": [{"name": "Ada", "n": 1}]});
        let file =
            run(compiled("write_data", &json!({"items": "{{ trigger }}", "format": "xlsx"})).as_ref(), &rows);
        let read = parse(json!({"format": "xlsx"}), &file.output["content"]).unwrap();
        assert_eq!((&read["items"], &read["sheets"]), (&rows["trigger"], &json!(["Sheet1"])));
    }

    #[test]
    fn bad_data_is_refused() {
        let csv = json!({"format": "csv"});
        assert_eq!(parse(csv.clone(), &Value::Null).unwrap_err(), "RUN-0118");
        assert_eq!(parse(csv, &json!(7)).unwrap_err(), "RUN-0118");
        assert_eq!(parse(json!({"format": "xlsx"}), &json!("email,name")).unwrap_err(), "RUN-0118");
        assert_eq!(
            parse(json!({"format": "xlsx"}), &json!(STANDARD.encode("email"))).unwrap_err(),
            "RUN-0121"
        );
        assert_eq!(parse(json!({"format": "json"}), &json!("{")).unwrap_err(), "RUN-0121");
        assert_eq!(parse(json!({"format": "json", "path": "a"}), &json!("{}")).unwrap_err(), "RUN-0126");
        assert_eq!(
            parse(json!({"format": "json"}), &json!(format!("[{}1]", "1,".repeat(10_000)))).unwrap_err(),
            "RUN-0120"
        );
        let problems = compiled("parse_data", &json!({"data": " "})).check();
        assert_eq!(problems[0].field, "/data");
        // Written into the settings, because an expression yields no more than its own limit.
        let large = compiled("parse_data", &json!({"data": "x".repeat(8 * 1024 * 1024 + 1)}));
        assert_eq!(start(large.as_ref(), &json!({})).unwrap_err().code, "RUN-0119");
    }
}
