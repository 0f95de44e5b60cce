//! First names that stand for one another.

/// Each line is one name with what its bearers are called.
const GROUPS: [&[&str]; 60] = [
    &["alexander", "alex", "alec", "sandy", "xander", "sasha"],
    &["alexandra", "alex", "sandra", "lexi", "sasha"],
    &["andrew", "andy", "drew", "andre"],
    &["anthony", "tony", "antony", "anton", "antonio"],
    &["barbara", "barb", "babs"],
    &["benjamin", "ben", "benny", "benji"],
    &["bradley", "brad"],
    &["catherine", "katherine", "kathryn", "kate", "katie", "kathy", "cathy", "kat"],
    &["charles", "charlie", "chuck", "chas"],
    &["charlotte", "charlie", "lottie"],
    &["christine", "christina", "chris", "tina", "chrissy"],
    &["christopher", "chris", "kit", "topher"],
    &["daniel", "dan", "danny"],
    &["david", "dave", "davey"],
    &["deborah", "debra", "deb", "debbie"],
    &["donald", "don", "donny"],
    &["dorothy", "dot", "dottie"],
    &["edward", "ed", "eddie", "ted", "ned"],
    &["eleanor", "ellie", "nell", "nora"],
    &["elizabeth", "elisabeth", "liz", "lizzie", "beth", "betty", "eliza", "lisa", "libby"],
    &["emily", "em", "emmy"],
    &["frances", "fran", "francesca"],
    &["francis", "frank", "fran"],
    &["frederick", "fred", "freddie", "freddy"],
    &["gabriel", "gabe"],
    &["george", "georgie"],
    &["gregory", "greg"],
    &["harold", "harry", "hal"],
    &["harrison", "harry"],
    &["henry", "harry", "hank", "hal"],
    &["isabella", "isabel", "isabelle", "bella", "izzy", "belle"],
    &["jacob", "jake"],
    &["jacqueline", "jackie"],
    &["james", "jim", "jimmy", "jamie"],
    &["jennifer", "jen", "jenny", "jenna"],
    &["jessica", "jess", "jessie"],
    &["john", "jack", "johnny", "jon"],
    &["jonathan", "jon", "jonny", "john"],
    &["joseph", "joe", "joey"],
    &["joshua", "josh"],
    &["kenneth", "ken", "kenny"],
    &["lawrence", "laurence", "larry", "laurie"],
    &["leonard", "len", "lenny", "leo"],
    &["margaret", "maggie", "meg", "peggy", "marge", "rita"],
    &["matthew", "matt", "mat"],
    &["michael", "mike", "mick", "mickey", "micky"],
    &["nathaniel", "nathan", "nate", "nat"],
    &["nicholas", "nick", "nicolas", "nicky"],
    &["patricia", "pat", "trish", "patty", "tricia"],
    &["patrick", "pat", "paddy"],
    &["peter", "pete"],
    &["rebecca", "becky", "becca", "bec"],
    &["richard", "rich", "rick", "ricky", "dick"],
    &["robert", "rob", "bob", "bobby", "robbie", "bert"],
    &["samuel", "sam", "sammy"],
    &["stephen", "steven", "steve", "stevie"],
    &["susan", "sue", "susie", "suzanne"],
    &["thomas", "tom", "tommy"],
    &["timothy", "tim", "timmy"],
    &["william", "will", "bill", "billy", "willy", "liam"],
];

/// Whether `a` and `b` may be names of one person, as `bob` and `robert`.
pub(super) fn are_one_name(a: &str, b: &str) -> bool {
    GROUPS.iter().any(|group| group.contains(&a) && group.contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stand_for_the_long_ones() {
        assert!(are_one_name("bob", "robert"));
        assert!(are_one_name("liz", "elizabeth"));
        assert!(!are_one_name("bob", "william"));
        assert!(!are_one_name("zoltan", "zoltan"), "a name of no group stands for nothing else");
    }

    #[test]
    fn the_table_is_folded_and_without_doubles() {
        for group in GROUPS {
            for (place, name) in group.iter().enumerate() {
                assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{name}");
                assert!(!group[place + 1..].contains(name), "{name}");
            }
        }
    }
}
