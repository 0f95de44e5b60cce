//! XML: elements as fields, attributes with an `@` in front.
//!
//! No entity but the five of XML itself is known, and a file that declares its own is refused: such declarations are how
//! a kilobyte unfolds to gigabytes, and how a file asks for other files.

use super::{Format, MAX_DEPTH, Parsed, Room, fits, malformed, nothing_at, too_deep};
use crate::failure::Failure;
use crate::steps::field::find;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::{Map, Value};

/// What stands before the name of an attribute.
const ATTRIBUTE: char = '@';
/// The text of an element that has attributes or other elements as well.
const TEXT: &str = "#text";

/// Reads the elements of `text`. The items are those at the dotted `path` below the root; without a path, the root's
/// children when they are all of one kind, otherwise the root as one record.
///
/// # Errors
/// `RUN-0121` when it is no XML, `RUN-0125` when it declares entities, `RUN-0126` when nothing is at the path, and
/// `RUN-0110`, `RUN-0120` or `RUN-0122` for what is too big.
pub(in crate::steps) fn read(text: &str, path: &str) -> Result<Parsed, Failure> {
    let root = root(text)?;
    if !path.is_empty() {
        return match find(&root, path) {
            Some(found) => Parsed::of(found.clone()),
            None => Err(nothing_at(path)),
        };
    }
    let mut children =
        root.as_object().into_iter().flatten().filter(|(name, _)| !name.starts_with(ATTRIBUTE));
    match (children.next(), children.next()) {
        (Some((_, only @ Value::Array(_))), None) => Parsed::of(only.clone()),
        (Some((_, only @ Value::Object(_))), None) => {
            Ok(Parsed { items: vec![only.clone()], ..Parsed::default() })
        }
        _ => Parsed::of(root),
    }
}

/// An element whose end has not come yet.
#[derive(Default)]
struct Open {
    name: String,
    fields: Map<String, Value>,
    text: String,
}

fn root(text: &str) -> Result<Value, Failure> {
    let bad = |why: &dyn std::fmt::Display| malformed(Format::Xml, why);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut room, mut open, mut root) = (Room::new(), Vec::<Open>::new(), None);
    loop {
        match reader.read_event().map_err(|error| bad(&error))? {
            Event::Start(_) | Event::Empty(_) if open.is_empty() && root.is_some() => {
                return Err(bad(&"there are two elements at the top"));
            }
            Event::Start(_) if open.len() >= MAX_DEPTH => return Err(too_deep()),
            Event::Start(start) => open.push(opened(&start, &mut room)?),
            Event::Empty(start) => {
                let element = opened(&start, &mut room)?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => match open.pop() {
                Some(element) => close(element, &mut open, &mut root),
                None => return Err(bad(&"an element ends that never began")),
            },
            Event::Text(part) => add(&mut open, &mut room, &part.xml10_content())?,
            Event::CData(part) => add(&mut open, &mut room, &part.xml10_content())?,
            Event::GeneralRef(reference) => {
                let unknown = || bad(&format_args!("the entity &{}; is not known", &*reference));
                let sign = reference.resolve_char_ref().map_err(|error| bad(&error))?;
                let sign = sign.or_else(|| predefined(&reference)).ok_or_else(unknown)?;
                add(&mut open, &mut room, sign.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(declaration) if declaration.contains('[') => return Err(declares_entities()),
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if !open.is_empty() => return Err(bad(&"it ends in the middle")),
            Event::Eof => return root.ok_or_else(|| bad(&"there is no element")),
        }
    }
}

fn opened(start: &BytesStart<'_>, room: &mut Room) -> Result<Open, Failure> {
    let name = start.name().as_ref().to_owned();
    room.spend(1, name.len())?;
    let mut fields = Map::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(Format::Xml, error))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| malformed(Format::Xml, error))?;
        let name = format!("{ATTRIBUTE}{}", attribute.key.as_ref());
        super::put(&mut fields, room, &name, Value::from(value.as_ref()))?;
    }
    Ok(Open { name, fields, text: String::new() })
}

/// Adds text to the element that is open.
fn add(open: &mut [Open], room: &mut Room, text: &str) -> Result<(), Failure> {
    room.spend(0, text.len())?;
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed(Format::Xml, "there is text outside of every element")),
    }
    Ok(())
}

/// Gives a finished element to the one around it, or makes it the root.
fn close(element: Open, open: &mut [Open], root: &mut Option<Value>) {
    let Open { name, mut fields, text } = element;
    let value = if fields.is_empty() {
        if text.trim().is_empty() { Value::Null } else { text.into() }
    } else {
        if !text.trim().is_empty() {
            fields.insert(TEXT.into(), text.trim().into());
        }
        Value::Object(fields)
    };
    let Some(parent) = open.last_mut() else {
        *root = Some(value);
        return;
    };
    match parent.fields.get_mut(&name) {
        None => {
            parent.fields.insert(name, value);
        }
        // Elements are never lists themselves, so a list is elements of one name.
        Some(Value::Array(alike)) => alike.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

fn declares_entities() -> Failure {
    Failure::bad_input(
        "RUN-0125",
        "the XML declares entities of its own, which are not read for safety",
        "Ask the sender for XML without a DOCTYPE that declares anything.",
    )
}

/// Writes `data` as the content of an element `root`; the entries of a list as elements called `item`.
///
/// # Errors
/// `RUN-0128` when it becomes too large, `RUN-0122` when it is nested too deeply.
pub(in crate::steps) fn write(data: &Value, root: &str, item: &str) -> Result<String, Failure> {
    let mut file = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut writer = Writer { file: &mut file, item };
    match data {
        Value::Array(items) => {
            let root = element_name(root);
            writer.file.push_str(&format!("<{root}>\n"));
            for value in items {
                writer.element(item, value, 1)?;
            }
            writer.file.push_str(&format!("</{root}>\n"));
        }
        one => writer.element(root, one, 0)?,
    }
    fits(file.len())?;
    Ok(file)
}

struct Writer<'w> {
    file: &'w mut String,
    item: &'w str,
}

impl Writer<'_> {
    fn element(&mut self, name: &str, value: &Value, depth: usize) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        fits(self.file.len())?;
        let (name, indent) = (element_name(name), "  ".repeat(depth));
        match value {
            Value::Null => self.file.push_str(&format!("{indent}<{name}/>\n")),
            Value::Object(fields) => self.record(&name, fields, &indent, depth)?,
            Value::Array(items) => {
                self.file.push_str(&format!("{indent}<{name}>\n"));
                for value in items {
                    let inner = self.item;
                    self.element(inner, value, depth + 1)?;
                }
                self.file.push_str(&format!("{indent}</{name}>\n"));
            }
            plain => self.file.push_str(&format!("{indent}<{name}>{}</{name}>\n", escaped(plain))),
        }
        Ok(())
    }

    /// Fields with an `@` in front are attributes, a list is an element per entry.
    fn record(
        &mut self,
        name: &str,
        fields: &Map<String, Value>,
        indent: &str,
        depth: usize,
    ) -> Result<(), Failure> {
        let is_attribute = |field: &str, value: &Value| {
            field.starts_with(ATTRIBUTE) && !(value.is_object() || value.is_array())
        };
        self.file.push_str(&format!("{indent}<{name}"));
        for (field, value) in fields.iter().filter(|(field, value)| is_attribute(field, value)) {
            let field = element_name(field.trim_start_matches(ATTRIBUTE));
            self.file.push_str(&format!(" {field}=\"{}\"", escaped(value)));
        }
        self.file.push_str(">\n");
        for (field, value) in fields.iter().filter(|(field, value)| !is_attribute(field, value)) {
            match value {
                Value::String(_) if field == TEXT => {
                    self.file.push_str(&format!("{indent}  {}\n", escaped(value)));
                }
                Value::Array(items) => {
                    for value in items {
                        self.element(field, value, depth + 1)?;
                    }
                }
                value => self.element(field, value, depth + 1)?,
            }
        }
        self.file.push_str(&format!("{indent}</{name}>\n"));
        Ok(())
    }
}

/// `value` as text in which nothing is taken for a sign of XML; signs that XML cannot hold are left out.
fn escaped(value: &Value) -> String {
    let text: String = super::cell_text(value).chars().filter(|&c| is_allowed(c)).collect();
    quick_xml::escape::escape(text.as_str()).replace('\r', "&#13;")
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// `name` as an element may be called.
fn element_name(name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = name.trim().chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    match name.chars().next() {
        None => "_".into(),
        Some(first) if first.is_alphabetic() || first == '_' => name,
        Some(_) => format!("_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn items(text: &str) -> Value {
        read(text, "").unwrap().items.into()
    }

    #[test]
    fn elements_become_records() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE leads><!-- two -->
            <leads total="2"><lead id="1"><email>a&amp;b@x</email><tag>x</tag><tag>y</tag><note><![CDATA[<b>]]></note></lead>
            <lead id="2">plain &#228;</lead></leads>"#;
        let expected = json!([
            {"@id": "1", "email": "a&b@x", "tag": ["x", "y"], "note": "<b>"}, {"@id": "2", "#text": "plain ä"}
        ]);
        assert_eq!(items(text), expected);
        assert_eq!(read(text, "lead.0.tag").unwrap().items, [json!("x"), json!("y")]);
        assert_eq!(read(text, "@total").unwrap().record, Some(json!("2")));
        assert_eq!(items("<a><b>1</b><c/></a>"), json!([{"b": "1", "c": null}]));
        assert_eq!(items("<a><b><c>1</c></b></a>"), json!([{"c": "1"}]));
        assert_eq!(items("<a/>"), json!([]));
    }

    #[test]
    fn what_is_no_xml_or_a_trap_is_refused() {
        let code = |text: &str, path: &str| read(text, path).unwrap_err().code.into_owned();
        for text in
            ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&nbsp;</a>", "<a b='1' b='2'/>", "<a/>x", "</a>"]
        {
            assert_eq!(code(text, ""), "RUN-0121", "{text}");
        }
        let bomb = r#"<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>"#;
        assert_eq!(code(bomb, ""), "RUN-0125");
        assert_eq!(code(r#"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&x;</a>"#, ""), "RUN-0121");
        assert_eq!(code(&"<a>".repeat(100), ""), "RUN-0122");
        assert_eq!(code(&format!("<a>{}</a>", "<b/>".repeat(10_001)), ""), "RUN-0120");
        assert_eq!(code(&format!("<a>{}</a>", "<b/>".repeat(500_001)), ""), "RUN-0110");
        assert_eq!(code("<a><b>1</b></a>", "c.d"), "RUN-0126");
    }

    #[test]
    fn names_and_signs_are_made_to_fit() {
        let data = json!({"1st name": "a\u{0}b<&>", "": [1, [2]], "@x": true, "#text": "t", "e": {}});
        let text = write(&data, "my lead", "item").unwrap();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<my_lead x=\"true\">\n  <_1st_name>ab&lt;&amp;&gt;</_1st_name>\n  \
             <_>1</_>\n  <_>\n    <item>2</item>\n  </_>\n  t\n  <e>\n  </e>\n</my_lead>\n"
        );
        let large = json!(vec!["x".repeat(1_000_000); 9]);
        assert_eq!(write(&large, "a", "b").unwrap_err().code, "RUN-0128");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(rows in prop::collection::vec(("[a-z]{1,6}", "[ -~äß\n\r\t😀]{0,12}", prop::option::of("[!-~]{1,5}")), 2..6)) {
            let text = |text: &str| if text.trim().is_empty() { Value::Null } else { text.into() };
            let rows: Vec<Value> = rows
                .iter()
                .map(|(id, a, b)| json!({"@id": id, "a": text(a), "b": {"c": text(b.as_deref().unwrap_or_default())}}))
                .collect();
            let written = write(&json!(rows), "leads", "lead").unwrap();
            prop_assert_eq!(read(&written, "").unwrap().items, rows);
        }
    }
}
