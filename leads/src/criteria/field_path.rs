//! Fields of a lead by their plain names.

use crate::field::{self, Field};
use serde_json::Value;

/// What names of the account's fields begin with.
const OF_ACCOUNT: &str = "account.";

/// The expression for the lead's field called `name`, with the lead as `item`.
pub(crate) fn on_lead(name: &str) -> String {
    let quoted = |part: &str| Value::from(part).to_string();
    if is_of_record(name) {
        let path: String = name.split('.').map(|part| format!("[{}]", quoted(part))).collect();
        return format!("{{{{ item{path} }}}}");
    }
    format!("{{{{ item.fields[{}] }}}}", quoted(name))
}

/// The part of the record that `name` is in: `company_size`, `fields.plan` for an own field, `account`.
pub(super) fn part(name: &str) -> String {
    if let Some(own) = name.strip_prefix("fields.") {
        return format!("fields.{own}");
    }
    if is_of_record(name) { first(name).to_owned() } else { format!("fields.{name}") }
}

/// Whether `name` is a field of the lead's account.
pub(super) fn is_of_account(name: &str) -> bool {
    name.starts_with(OF_ACCOUNT)
}

fn is_of_record(name: &str) -> bool {
    let first = first(name);
    Field::find(first).is_some() || field::is_reserved(first) || is_of_account(name)
}

fn first(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_fields_of_the_lead() {
        for (name, expression, in_part) in [
            ("company_size", r#"{{ item["company_size"] }}"#, "company_size"),
            ("fields.plan", r#"{{ item["fields"]["plan"] }}"#, "fields.plan"),
            ("plan", r#"{{ item.fields["plan"] }}"#, "fields.plan"),
            ("account.named", r#"{{ item["account"]["named"] }}"#, "account"),
            ("Page views", r#"{{ item.fields["Page views"] }}"#, "fields.Page views"),
            (r#"a"b"#, r#"{{ item.fields["a\"b"] }}"#, r#"fields.a"b"#),
        ] {
            assert_eq!(on_lead(name), expression);
            assert_eq!(part(name), in_part);
        }
    }
}
