//! Inputs of an action as fields of a form.

use serde_json::Value;

/// An input as a field of a form: where values of other steps can stand, they can.
pub(super) fn field(schema: &Value) -> Value {
    let mut field = schema.clone();
    if field.get("x-ui").is_some() {
        return field;
    }
    let has_fields = |schema: &Value| schema.get("properties").is_some_and(Value::is_object);
    let items = schema.get("items").unwrap_or(&Value::Null);
    let hint = match (schema["type"].as_str().unwrap_or_default(), schema.get("enum")) {
        ("object" | "array", _) if schema.get("x-fields").is_some() => Some("app_fields"),
        ("string" | "integer", None) if schema.get("x-fields").is_some() => Some("app_choice"),
        ("string", None) => Some("template"),
        ("object", _) if has_fields(schema) => None,
        ("array", _) if has_fields(items) || items.get("enum").is_some() => None,
        ("object" | "array", _) => Some("code_json"),
        ("integer" | "number", None) | ("any", _) => Some("expression"),
        _ => None,
    };
    if let Some(hint) = hint {
        field["x-ui"] = hint.into();
    }
    if schema["type"] == "any"
        && let Some(fields) = field.as_object_mut()
    {
        // JSON Schema says it by saying nothing.
        fields.shift_remove("type");
    }
    for part in ["properties", "items"] {
        match field.get_mut(part) {
            Some(Value::Object(inner)) if part == "properties" => {
                inner.values_mut().for_each(|inner| *inner = self::field(inner));
            }
            Some(inner @ Value::Object(_)) if has_fields(inner) => *inner = self::field(inner),
            _ => {}
        }
    }
    field
}
