//! Filters for numbers, and how numbers are read from text.

use super::{FilterDoc, or_null, text_of, wrong};
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, Value as View};
use serde_json::{Number, Value};

/// Longest text that is read as a number.
const MAX_NUMBER_TEXT: usize = 64;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("number", number);
    environment.add_filter("int", whole);
    environment.add_filter("round", round);
    environment.add_filter("clamp", clamp);
    environment.add_filter("abs", abs);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc =
        |name, summary, example, result: Value| FilterDoc::new("number", name, summary, example, result);
    vec![
        doc(
            "number",
            "Reads a number out of text: thousands separators, decimal commas, currency signs and per cent signs are \
             understood. Nothing when it is not a number.",
            "{{ '€ 1,234.5'|number }}",
            1234.5.into(),
        ),
        doc(
            "int",
            "As `number`, without the part behind the decimal point.",
            "{{ '12.9 %'|int }}",
            12.into(),
        ),
        doc("round", "Rounds to so many places; none when not said.", "{{ 42.456|round(1) }}", 42.5.into()),
        doc(
            "clamp",
            "Keeps a number between a lowest and a highest value.",
            "{{ 130|clamp(0, 100) }}",
            100.into(),
        ),
        doc("abs", "The number without its sign.", "{{ -5|abs }}", 5.into()),
    ]
}

/// The number in `value`: a number itself, or text that reads as one.
pub(crate) fn number_in(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => parse(text)?.as_f64(),
        _ => None,
    }
}

/// Reads `text` as a number.
///
/// Spaces, currency signs and a closing per cent sign are left out (`12 %` is 12). When both `,` and `.` occur, the last
/// one is the decimal sign. One kind alone separates thousands when it occurs more than once or, for the comma, when
/// exactly three digits follow (`1,234`); otherwise it is the decimal sign (`12,5`).
fn parse(text: &str) -> Option<Number> {
    if text.len() > MAX_NUMBER_TEXT {
        return None;
    }
    let text = text.trim().trim_end_matches('%');
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !is_decoration(*c)).collect();
    let (sign, digits) = match bare.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", bare.strip_prefix('+').unwrap_or(&bare)),
    };
    if !digits.bytes().any(|b| b.is_ascii_digit())
        || !digits.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.')
    {
        return None;
    }
    let (whole, fraction) = match decimal_sign(digits) {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || !well_grouped(whole) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if fraction.is_empty()
        && let Ok(exact) = format!("{sign}{whole}").parse::<i64>()
    {
        return Some(exact.into());
    }
    Number::from_f64(format!("{sign}{whole}.{fraction}0").parse().ok()?)
}

fn is_decoration(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '\'' | '’' | '_')
}

/// Where the decimal sign stands in digits with separators.
fn decimal_sign(digits: &str) -> Option<usize> {
    let (comma, dot) = (digits.rfind(','), digits.rfind('.'));
    let sole = |sign: char| digits.matches(sign).count() == 1;
    match (comma, dot) {
        (Some(comma), Some(dot)) => Some(comma.max(dot)),
        (Some(comma), None) => (sole(',') && digits.len() - comma != 4).then_some(comma),
        (None, Some(dot)) => sole('.').then_some(dot),
        (None, None) => None,
    }
}

/// Whether separators in `whole` stand before groups of three digits (or of two, as in Indian numbers).
fn well_grouped(whole: &str) -> bool {
    let mut groups = whole.split([',', '.']);
    let first = groups.next().unwrap_or_default();
    let mut rest: Vec<&str> = groups.collect();
    match rest.pop() {
        None => true,
        Some(last) => {
            last.len() == 3
                && (1..=3).contains(&first.len())
                && rest.iter().all(|group| (2..=3).contains(&group.len()))
        }
    }
}

/// The number in a filter's input.
fn read(value: &View) -> Result<Option<Number>, Error> {
    match value.kind() {
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(exact) => Ok(Some(exact.into())),
            None => Ok(f64::try_from(value.clone()).ok().and_then(Number::from_f64)),
        },
        ValueKind::Number => Ok(f64::try_from(value.clone()).ok().and_then(Number::from_f64)),
        ValueKind::Bool => Ok(Some(u8::from(value.is_true()).into())),
        _ => Ok(text_of(value)?.and_then(|text| parse(&text))),
    }
}

fn view(number: &Number) -> View {
    match number.as_i64() {
        Some(exact) => View::from(exact),
        None => or_null(number.as_f64()),
    }
}

fn number(value: &View) -> Result<View, Error> {
    Ok(or_null(read(value)?.as_ref().map(view)))
}

fn whole(value: &View, default: Option<View>) -> Result<View, Error> {
    let Some(number) = read(value)? else { return Ok(default.unwrap_or_default()) };
    let Some(float) = number.as_f64().filter(|_| number.as_i64().is_none()) else { return Ok(view(&number)) };
    Ok(to_whole(float.trunc()).map_or_else(|| View::from(float.trunc()), View::from))
}

/// `float` as a whole number when it is one that fits.
fn to_whole(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range of a double")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

/// As the built-in filter, and whole numbers come out as such when no places are asked for.
fn round(value: &View, places: Option<i32>, method: Option<&str>, options: Kwargs) -> Result<View, Error> {
    let Some(number) = read(value)? else { return Ok(View::from(())) };
    let places = places
        .map_or_else(|| options.get::<Option<i32>>("precision"), |places| Ok(Some(places)))?
        .unwrap_or(0);
    let rounded = minijinja::filters::round(view(&number), Some(places.clamp(-15, 15)), method, options)?;
    let plain = f64::try_from(rounded.clone()).ok().filter(|_| places <= 0).and_then(to_whole);
    Ok(plain.map_or(rounded, View::from))
}

fn clamp(value: &View, low: &View, high: &View) -> Result<View, Error> {
    let Some(number) = read(value)? else { return Ok(View::from(())) };
    let at = number.as_f64().unwrap_or_default();
    let (low, high) = (read(low)?, read(high)?);
    let below = low.as_ref().filter(|low| low.as_f64().is_some_and(|low| at < low));
    let above = high.as_ref().filter(|high| high.as_f64().is_some_and(|high| at > high));
    Ok(view(below.or(above).unwrap_or(&number)))
}

fn abs(value: &View) -> Result<View, Error> {
    match read(value)? {
        None => Ok(View::from(())),
        Some(number) => match number.as_i64() {
            Some(exact) => {
                exact.checked_abs().map(View::from).ok_or_else(|| wrong("the number is too large"))
            }
            None => Ok(or_null(number.as_f64().map(f64::abs))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, number) in [
            ("85", 85.0),
            (" 1,234.5 ", 1234.5),
            ("1.234,5", 1234.5),
            ("1,234", 1234.0),
            ("1.234.567", 1_234_567.0),
            ("12,34,567", 1_234_567.0),
            ("12,5", 12.5),
            ("12.345", 12.345),
            ("12 %", 12.0),
            ("$ -3.50", -3.5),
            ("+7", 7.0),
            ("CHF", f64::NAN),
            ("1e5", f64::NAN),
            ("", f64::NAN),
            (".", f64::NAN),
            ("12-3", f64::NAN),
            ("1,2,3", f64::NAN),
        ] {
            let read = number_in(&json!(text));
            assert_eq!(read, Some(number).filter(|n| !n.is_nan()), "{text}");
        }
    }

    #[test]
    fn whole_numbers_stay_exact() {
        assert_eq!(parse("9007199254740993").unwrap(), Number::from(9_007_199_254_740_993_i64));
    }
}
