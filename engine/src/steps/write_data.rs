//! Write data: turns a list into the content of a file.

use super::field::Field;
use super::formats::delimited::{self, Separator};
use super::formats::{Column, Format, MAX_COLUMNS, Source, columns, json, rows_of, sheet, xml};
use super::{blank, items, problem};
use crate::expression::{Dynamic, Scope, Template};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Settings of `write_data`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WriteData {
    /// The list that becomes the file, up to 10,000 items, or one record.
    #[schemars(title = "Data")]
    items: Dynamic,
    /// What kind of file it becomes.
    #[serde(default)]
    #[schemars(
        title = "Format",
        extend("x-labels" = {
            "csv": "CSV", "tsv": "TSV (tabs)", "xlsx": "Excel (xlsx)", "json": "JSON", "json_lines": "JSON lines", "xml": "XML"
        })
    )]
    format: Format,
    /// The columns of the file in their order. Without a row, all fields of all items, in the order in which they first
    /// occur.
    #[serde(default)]
    #[schemars(title = "Columns")]
    columns: Vec<Row>,
    /// Begin with a row of the names of the columns.
    #[serde(default = "yes")]
    #[schemars(title = "Write the names first", extend("x-when" = {"format": ["csv", "tsv", "xlsx"]}))]
    header: bool,
    /// What stands between the values of a row. Excel in many European languages expects a semicolon.
    #[serde(default)]
    #[schemars(
        title = "Separator",
        extend(
            "x-when" = {"format": "csv"},
            "x-labels" = {"auto": "Comma (usual)", "comma": "Comma", "semicolon": "Semicolon", "tab": "Tab", "pipe": "Bar |"}
        )
    )]
    separator: Separator,
    /// Put an apostrophe in front of texts that a spreadsheet would run as a formula: those that begin with = + - or @.
    /// Turn it off only when a program reads the file.
    #[serde(default = "yes")]
    #[schemars(title = "Make formulas harmless", extend("x-when" = {"format": ["csv", "tsv"]}))]
    guard_formulas: bool,
    /// Begin the file with a mark by which Excel sees that it is UTF-8, so that accents come out right.
    #[serde(default)]
    #[schemars(title = "Mark as UTF-8 for Excel", extend("x-advanced" = true, "x-when" = {"format": ["csv", "tsv"]}))]
    utf8_mark: bool,
    /// Name of the sheet, up to 31 characters.
    #[serde(default)]
    #[schemars(title = "Sheet", extend("x-when" = {"format": "xlsx"}, "x-placeholder" = "Sheet1"))]
    sheet: Template,
    /// Write JSON over several lines, for people to read.
    #[serde(default)]
    #[schemars(title = "Over several lines", extend("x-when" = {"format": "json"}))]
    pretty: bool,
    /// Name of the element around everything.
    #[serde(default = "root_name")]
    #[schemars(title = "Name of the root", extend("x-when" = {"format": "xml"}, "x-placeholder" = "items"))]
    root: String,
    /// Name of the element of each item.
    #[serde(default = "item_name")]
    #[schemars(title = "Name of an item", extend("x-when" = {"format": "xml"}, "x-placeholder" = "item"))]
    item: String,
    /// Name of the file without its ending, for steps that send it.
    #[serde(default = "file_name")]
    #[schemars(title = "Name of the file", extend("x-advanced" = true, "x-placeholder" = "leads"))]
    file_name: Template,
}

/// One column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Its value in each item: the name of a field, such as `email`, or an expression such as
    /// `{{ item.first }} {{ item.last }}`.
    #[schemars(title = "Field", extend("x-placeholder" = "email"))]
    field: Field,
    /// What stands above it. Leave it empty to use the name of the field.
    #[serde(default)]
    #[schemars(title = "Title", extend("x-placeholder" = "E-mail"))]
    title: String,
}

impl Row {
    fn title(&self) -> Option<&str> {
        let title = self.title.trim();
        if title.is_empty() { self.field.name() } else { Some(title) }
    }
}

fn yes() -> bool {
    true
}

fn root_name() -> String {
    "items".into()
}

fn item_name() -> String {
    "item".into()
}

fn file_name() -> Template {
    Template::compile("data").expect("plain text is a valid template")
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<WriteData>(About {
        kind: "write_data",
        title: "Write a file",
        summary: "Turns a list into the content of a CSV, Excel, JSON or XML file.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &[
            "csv",
            "excel",
            "xlsx",
            "spreadsheet",
            "json",
            "xml",
            "export",
            "convert to file",
            "create csv",
            "attachment",
            "report",
        ],
        default_config: json!({
            "items": "", "format": "csv", "columns": [], "header": true, "separator": "auto", "guard_formulas": true,
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.leads }}",
                "format": "csv",
                "columns": [
                    { "field": "email", "title": "E-mail" },
                    { "field": "{{ item.first }} {{ item.last }}", "title": "Name" },
                ],
                "file_name": "leads",
            }),
            context: json!({ "trigger": { "body": { "leads": [
                { "first": "Ada", "last": "Lovelace", "email": "ada@analytical.example", "score": 85 },
                { "first": "=cmd|' /C calc'!A0", "last": "", "email": "mallory@bad.example", "score": 1 },
            ] } } }),
            output: Some(json!({
                "content": "E-mail,Name\r\nada@analytical.example,Ada Lovelace\r\nmallory@bad.example,'=cmd|' /C calc'!A0 \r\n",
                "encoding": "text",
                "media_type": "text/csv",
                "file_name": "leads.csv",
                "bytes": 92,
                "rows": 2,
            })),
            port: "out".into(),
        },
        output_sample: json!({
            "content": "email\r\nada@analytical.example\r\n", "encoding": "text", "media_type": "text/csv",
            "file_name": "data.csv", "bytes": 31, "rows": 1,
        }),
        summary_template: "{format} · {columns}",
    })
}

const HELP: &str = r"
The output holds the `content` of the file and its `encoding`: text, or base64 for Excel. With them come the `media_type`,
the `file_name`, the size in `bytes` and the number of `rows`, as steps that send files want them. The file itself is not
stored anywhere.

Worked example: two leads are written as CSV with the columns *E-mail* and *Name*. The second name begins with `=`, so it
gets an apostrophe in front: a spreadsheet would otherwise run it as a formula when somebody opens the file.

- Lists and records within a field are written as JSON in CSV and Excel, as elements in XML.
- In Excel, numbers are numbers and texts are texts, so no text is ever run as a formula.
- Without chosen columns, JSON and XML are written as the data is. In XML, a field with `@` in front becomes an attribute;
  names that XML does not allow are changed (`1st name` becomes `_1st_name`).
- The same data at the same moment makes the same file, to the byte.

At most 10,000 items, 1,000 columns, 500,000 cells and 8 MB are written.
";

impl Step for WriteData {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let scope = context.scope;
        let data = self.items.value(scope)?;
        let (items, is_list) = match data {
            Value::Object(_) => (vec![data], false),
            list => (items::read(&Dynamic::Literal(list), scope)?, true),
        };
        let file_name = format!("{}.{}", plain_name(&self.file_name.text(scope)?), self.ending());
        let (content, encoding, bytes) = match self.format {
            Format::Xlsx => {
                let (columns, rows) = self.table(scope, &items)?;
                let bytes =
                    sheet::write(&columns, &rows, self.header, &self.sheet.text(scope)?, context.now)?;
                (STANDARD.encode(&bytes), "base64", bytes.len())
            }
            _ => {
                let text = self.text(scope, &items, is_list)?;
                let bytes = text.len();
                (text, "text", bytes)
            }
        };
        let rows = items.len();
        let output = json!({
            "content": content,
            "encoding": encoding,
            "media_type": self.media_type(),
            "file_name": file_name,
            "bytes": bytes,
            "rows": rows,
        });
        let why = format!("{rows} rows became {bytes} bytes of {}.", self.format.title());
        Ok(Done::out(output).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if self.columns.len() > MAX_COLUMNS {
            let message = format!("there are {} columns, and {MAX_COLUMNS} is the limit", self.columns.len());
            problems.push(problem("DOC-0030", "/columns", message, "Remove the columns nobody reads."));
        }
        for (at, row) in self.columns.iter().enumerate() {
            if row.field.is_blank() {
                let action = "Write the name of a field, such as email, or remove the row.";
                problems.push(blank(&format!("/columns/{at}/field"), "no field is chosen", action));
            } else if row.title().is_none() {
                let action = "Write what stands above a column that is computed.";
                problems.push(blank(&format!("/columns/{at}/title"), "the column has no title", action));
            }
        }
        problems
    }
}

impl WriteData {
    /// The columns that are written, and the rows under them.
    fn table(&self, scope: &Scope, items: &[Value]) -> Result<(Vec<Column>, Vec<Vec<Value>>), Failure> {
        let columns = if self.columns.is_empty() { columns(items)? } else { self.chosen() };
        let rows = rows_of(&columns, items, scope)?;
        Ok((columns, rows))
    }

    fn chosen(&self) -> Vec<Column> {
        let title = |row: &Row| row.title().unwrap_or_default().to_owned();
        let column = |row: &Row| Column { title: title(row), source: Source::Chosen(row.field.clone()) };
        self.columns.iter().map(column).collect()
    }

    fn text(&self, scope: &Scope, items: &[Value], is_list: bool) -> Result<String, Failure> {
        if matches!(self.format, Format::Csv | Format::Tsv) {
            let (columns, rows) = self.table(scope, items)?;
            let separator = if self.format == Format::Tsv { Separator::Tab } else { self.separator };
            let writing = delimited::Writing {
                separator,
                header: self.header,
                guard: self.guard_formulas,
                mark: self.utf8_mark,
            };
            return delimited::write(&columns, &rows, writing);
        }
        let records = if self.columns.is_empty() { items.to_vec() } else { self.records(scope, items)? };
        if self.format == Format::JsonLines {
            return json::write_lines(&records);
        }
        let data = match (is_list, records.into_iter()) {
            (false, mut records) => records.next().unwrap_or_default(),
            (true, records) => records.collect(),
        };
        match self.format {
            Format::Xml => xml::write(&data, &self.root, &self.item),
            _ => json::write(&data, self.pretty),
        }
    }

    /// Records with the chosen columns alone.
    fn records(&self, scope: &Scope, items: &[Value]) -> Result<Vec<Value>, Failure> {
        let (columns, rows) = self.table(scope, items)?;
        let record = |row: Vec<Value>| {
            let fields: Map<String, Value> =
                columns.iter().map(|column| column.title.clone()).zip(row).collect();
            Value::Object(fields)
        };
        Ok(rows.into_iter().map(record).collect())
    }

    fn ending(&self) -> &'static str {
        match self.format {
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Xlsx => "xlsx",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
            Format::Xml => "xml",
        }
    }

    fn media_type(&self) -> &'static str {
        match self.format {
            Format::Csv => "text/csv",
            Format::Tsv => "text/tab-separated-values",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Json => "application/json",
            Format::JsonLines => "application/x-ndjson",
            Format::Xml => "application/xml",
        }
    }
}

/// A name that is safe as the name of a file anywhere.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.') { c } else { '_' };
    let name: String = name.trim().chars().map(plain).take(100).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "data".into() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_ITEMS;
    use super::super::tests::{compiled, run, start, with};
    use super::plain_name;
    use serde_json::{Value, json};

    fn write(settings: Value, items: &Value) -> Value {
        let config = with(json!({"items": "{{ trigger }}"}), settings);
        run(compiled("write_data", &config).as_ref(), &json!({"trigger": items})).output
    }

    fn content(settings: Value, items: &Value) -> String {
        write(settings, items)["content"].as_str().unwrap().to_owned()
    }

    #[test]
    fn each_format_is_written() {
        let items = json!([{"a": 1, "b": ["x"]}, {"c": "é"}]);
        assert_eq!(content(json!({"format": "csv"}), &items), "a,b,c\r\n1,\"[\"\"x\"\"]\",\r\n,,é\r\n");
        assert_eq!(
            content(json!({"format": "tsv", "header": false}), &items),
            "1\t\"[\"\"x\"\"]\"\t\r\n\t\té\r\n"
        );
        assert_eq!(content(json!({"format": "json"}), &items), "[{\"a\":1,\"b\":[\"x\"]},{\"c\":\"é\"}]");
        assert_eq!(
            content(json!({"format": "json_lines"}), &items),
            "{\"a\":1,\"b\":[\"x\"]}\n{\"c\":\"é\"}\n"
        );
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<items>\n  <item>\n    <a>1</a>\n    <b>x</b>\n  </item>\n  \
                   <item>\n    <c>é</c>\n  </item>\n</items>\n";
        assert_eq!(content(json!({"format": "xml"}), &items), xml);
    }

    #[test]
    fn columns_are_chosen_and_titled() {
        let columns = json!([{"field": "b.c"}, {"field": "{{ index }}", "title": "No"}]);
        let items = json!([{"a": 1, "b": {"c": 2}}, "plain"]);
        let settings = |format: &str| json!({"format": format, "columns": columns});
        assert_eq!(content(settings("csv"), &items), "b.c,No\r\n2,0\r\n,1\r\n");
        assert_eq!(content(settings("json"), &items), r#"[{"b.c":2,"No":0},{"b.c":null,"No":1}]"#);
    }

    #[test]
    fn one_record_and_nothing_are_data_too() {
        let record = json!({"a": 1});
        assert_eq!(content(json!({"format": "json", "pretty": true}), &record), "{\n  \"a\": 1\n}\n");
        assert_eq!(content(json!({"format": "csv"}), &record), "a\r\n1\r\n");
        assert!(
            content(json!({"format": "xml", "root": "lead"}), &record)
                .ends_with("<lead>\n  <a>1</a>\n</lead>\n")
        );
        assert_eq!(content(json!({"format": "json"}), &json!([])), "[]");
        assert_eq!(content(json!({"format": "csv"}), &json!([])), "");
        assert_eq!(write(json!({"format": "xlsx"}), &json!([]))["encoding"], "base64");
    }

    #[test]
    fn file_names_are_harmless() {
        for (name, plain) in [
            ("leads", "leads"),
            ("../../etc/passwd", "_.._etc_passwd"),
            (" ", "data"),
            ("März 2026", "März 2026"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
        let out = write(json!({"format": "xlsx", "file_name": "{{ 'Q1' }}"}), &json!([{"a": 1}]));
        assert_eq!(out["file_name"], "Q1.xlsx");
    }

    #[test]
    fn settings_and_data_are_checked() {
        let step = compiled(
            "write_data",
            &json!({"items": "", "columns": [{"field": ""}, {"field": "{{ item }}"}]}),
        );
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/items", "/columns/0/field", "/columns/1/title"]);
        let step = compiled("write_data", &json!({"items": "{{ trigger }}"}));
        assert_eq!(start(step.as_ref(), &json!({"trigger": "text"})).unwrap_err().code, "RUN-0100");
        let many = json!({"trigger": vec![0; MAX_ITEMS + 1]});
        assert_eq!(start(step.as_ref(), &many).unwrap_err().code, "RUN-0101");
        let large = json!({"trigger": [{"a": "x".repeat(5_000_000), "b": "y".repeat(3_500_000)}]});
        let code = start(step.as_ref(), &large).unwrap_err().code;
        assert!(["RUN-0128", "EXP-0004"].contains(&code.as_ref()), "{code}");
    }
}
