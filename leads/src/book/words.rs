//! Lists of things in sentences.

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn any_of<'a>(things: impl ExactSizeIterator<Item = &'a str>) -> String {
    joined(things, "or")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn all_of<'a>(things: impl ExactSizeIterator<Item = &'a str>) -> String {
    joined(things, "and")
}

fn joined<'a>(things: impl ExactSizeIterator<Item = &'a str>, last: &str) -> String {
    let count = things.len();
    let mut sentence = String::new();
    for (place, thing) in things.enumerate() {
        if place > 0 {
            if place + 1 == count {
                sentence.push(' ');
                sentence.push_str(last);
                sentence.push(' ');
            } else {
                sentence.push_str(", ");
            }
        }
        sentence.push_str(thing);
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_as_people_say_them() {
        assert_eq!(any_of(["a"].into_iter()), "a");
        assert_eq!(any_of(["a", "b"].into_iter()), "a or b");
        assert_eq!(all_of(["a", "b", "c"].into_iter()), "a, b and c");
        assert_eq!(all_of([].into_iter()), "");
    }
}
