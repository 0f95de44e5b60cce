//! One field of a cron text: reading it into the set of values it names.
//!
//! This file knows ranges, lists, steps and names. It never knows dates or time zones.

use super::ScheduleError;

/// Which of the five places a field stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Minute,
    Hour,
    DayOfMonth,
    Month,
    Weekday,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Place {
    pub(super) const ALL: [Self; 5] =
        [Self::Minute, Self::Hour, Self::DayOfMonth, Self::Month, Self::Weekday];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfMonth => "day of the month",
            Self::Month => "month",
            Self::Weekday => "weekday",
        }
    }

    /// The smallest and largest value a person may write. Weekday 7 is Sunday, as is 0.
    pub(super) fn bounds(self) -> (u32, u32) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    /// The largest value a `*` reaches: weekday 7 would only repeat Sunday.
    fn last(self) -> u32 {
        if self == Self::Weekday { 6 } else { self.bounds().1 }
    }

    fn named(self, text: &str) -> Option<u32> {
        let (names, first): (&[&str], u32) = match self {
            Self::Month => (&MONTHS, 1),
            Self::Weekday => (&WEEKDAYS, 0),
            _ => return None,
        };
        let lower = text.to_ascii_lowercase();
        let position = names.iter().position(|name| *name == lower)?;
        Some(first + u32::try_from(position).expect("at most twelve names"))
    }
}

/// The values one field allows, as a bit per value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) place: Place,
    bits: u64,
    /// The text begins with `*`: cron's rules for "either day" and for clock changes ask for this.
    pub(super) starred: bool,
}

impl Field {
    /// Reads one field. `?` means `*`, as in the Quartz dialect.
    pub(super) fn parse(place: Place, text: &str) -> Result<Self, ScheduleError> {
        let text = if text == "?" { "*" } else { text };
        let mut bits = 0;
        for part in text.split(',') {
            bits |= parse_part(place, part)?;
        }
        Ok(Self { place, bits, starred: text.starts_with('*') })
    }

    pub(super) fn contains(self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    pub(super) fn values(self) -> Vec<u32> {
        (0..=self.place.last()).filter(|value| self.contains(*value)).collect()
    }

    /// Whether every value is allowed, however that was written.
    pub(super) fn is_all(self) -> bool {
        self.values().len() == (self.place.bounds().0..=self.place.last()).count()
    }

    /// The field as the `cron` crate reads it, which counts Sunday as 1.
    pub(super) fn for_cron_crate(self) -> String {
        if self.is_all() {
            return "*".to_owned();
        }
        let shift = u32::from(self.place == Place::Weekday);
        let values: Vec<String> = self.values().iter().map(|value| (value + shift).to_string()).collect();
        values.join(",")
    }
}

/// One part between commas: `*`, `*/5`, `8`, `8-16`, `8-16/2`, `8/2`.
fn parse_part(place: Place, part: &str) -> Result<u64, ScheduleError> {
    let (range, step) = match part.split_once('/') {
        None => (part, None),
        Some((range, step)) => (range, Some(parse_step(place, step)?)),
    };
    let (first, last) = if range == "*" {
        (place.bounds().0, place.last())
    } else if let Some((first, last)) = range.split_once('-') {
        parse_range(place, first, last)?
    } else {
        let first = parse_value(place, range)?;
        // `8/2` means "from 8 on, every second one".
        (first, if step.is_some() { place.last().max(first) } else { first })
    };
    let step = usize::try_from(step.unwrap_or(1)).expect("a step is at most 60");
    let mut bits = 0;
    for value in (first..=last).step_by(step) {
        let value = if place == Place::Weekday { value % 7 } else { value };
        bits |= 1 << value;
    }
    Ok(bits)
}

fn parse_step(place: Place, text: &str) -> Result<u32, ScheduleError> {
    let whole = place.bounds().1 - place.bounds().0 + 1;
    match text.parse::<u32>() {
        Ok(step) if (1..=whole).contains(&step) => Ok(step),
        _ => Err(unreadable(
            place,
            format!("the step after / must be a number from 1 to {whole}, not \"{text}\""),
        )),
    }
}

fn parse_range(place: Place, first: &str, last: &str) -> Result<(u32, u32), ScheduleError> {
    let (from, mut to) = (parse_value(place, first)?, parse_value(place, last)?);
    // In "FRI-SUN" Sunday ends the week; alone it begins it.
    if place == Place::Weekday && to == 0 && from > 0 {
        to = 7;
    }
    if from > to {
        return Err(unreadable(
            place,
            format!("the range {first}-{last} ends before it starts; write it as two ranges"),
        ));
    }
    Ok((from, to))
}

fn parse_value(place: Place, text: &str) -> Result<u32, ScheduleError> {
    let (least, most) = place.bounds();
    if let Some(value) = place.named(text) {
        return Ok(value);
    }
    match text.parse::<u32>() {
        Ok(value) if (least..=most).contains(&value) && text.len() <= 2 => Ok(value),
        Ok(_) => Err(unreadable(place, format!("{text} is outside {least} to {most}"))),
        Err(_) if text.contains(['L', 'W', '#']) => {
            Err(unreadable(place, format!("\"{text}\" uses L, W or #, which are not supported")))
        }
        Err(_) => Err(unreadable(place, format!("\"{text}\" is not a value"))),
    }
}

fn unreadable(place: Place, reason: String) -> ScheduleError {
    ScheduleError::Field { field: place.name(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(place: Place, text: &str) -> Vec<u32> {
        Field::parse(place, text).unwrap().values()
    }

    #[test]
    fn reads_lists_ranges_steps_and_names() {
        assert_eq!(values(Place::Minute, "*/15"), [0, 15, 30, 45]);
        assert_eq!(values(Place::Minute, "10-50/20"), [10, 30, 50]);
        assert_eq!(values(Place::Minute, "50/5"), [50, 55]);
        assert_eq!(values(Place::Hour, "13,19"), [13, 19]);
        assert_eq!(values(Place::Month, "JAN,jul"), [1, 7]);
        assert_eq!(values(Place::Weekday, "MON-Fri"), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn sunday_is_zero_and_seven_and_may_end_a_range() {
        for text in ["0", "7", "SUN"] {
            assert_eq!(values(Place::Weekday, text), [0], "{text}");
        }
        assert_eq!(values(Place::Weekday, "FRI-SUN"), [0, 5, 6]);
        assert_eq!(values(Place::Weekday, "5-7"), [0, 5, 6]);
        assert_eq!(values(Place::Weekday, "0-7"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(Field::parse(Place::Weekday, "0,6").unwrap().for_cron_crate(), "1,7");
    }

    #[test]
    fn refuses_what_it_cannot_read_and_says_which_field() {
        let bad = [
            (Place::Minute, "60"),
            (Place::Minute, "*/0"),
            (Place::Minute, "1,,2"),
            (Place::Minute, "-5"),
            (Place::Minute, "4294967296"),
            (Place::Hour, "22-2"),
            (Place::DayOfMonth, "0"),
            (Place::DayOfMonth, "L"),
            (Place::Month, "FOO"),
            (Place::Weekday, "1#2"),
            (Place::Weekday, "*/9"),
        ];
        for (place, text) in bad {
            let error = Field::parse(place, text).unwrap_err();
            assert!(error.to_string().contains(place.name()), "{text}: {error}");
        }
    }
}
