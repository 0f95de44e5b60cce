//! One measure and the line it is printed as.

use serde_json::json;

/// A named figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measure {
    name: String,
    value: f64,
}

impl Measure {
    /// The measure `name`; shares are told to four places, seconds and megabytes to two.
    pub(crate) fn new(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value }
    }

    /// `{"measure": NAME, "value": VALUE}`.
    pub(crate) fn line(&self) -> String {
        let places = if self.value.abs() <= 1.0 { 10_000.0 } else { 100.0 };
        let value = (self.value * places).round() / places;
        json!({ "measure": self.name, "value": value }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_with_two_fields() {
        assert_eq!(Measure::new("febrl1_f1", 0.998_97).line(), r#"{"measure":"febrl1_f1","value":0.999}"#);
        assert_eq!(Measure::new("peak_mb", 212.345).line(), r#"{"measure":"peak_mb","value":212.35}"#);
    }
}
