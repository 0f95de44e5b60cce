//! Stages: how far a lead has come, in an order the workspace may define for itself.

use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// One rung of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name; also its identity, so that `lead.stage` reads as people say it.
    pub name: String,
    /// Its place; a higher rank is further along.
    pub rank: i32,
}

/// The ladder a new workspace starts with, from stranger to advocate.
#[must_use]
pub fn default_ladder() -> Arc<[Stage]> {
    static LADDER: LazyLock<Arc<[Stage]>> = LazyLock::new(|| {
        let names = ["Anonymous", "Known", "Lead", "MQL", "SAL", "SQL", "SQO", "Customer", "Advocate"];
        names
            .into_iter()
            .zip((0..).step_by(10))
            .map(|(name, rank)| Stage { name: name.into(), rank })
            .collect()
    });
    Arc::clone(&LADDER)
}

/// The stage of `ladder` called `name`, whatever its capitals.
#[must_use]
pub fn find<'a>(ladder: &'a [Stage], name: &str) -> Option<&'a Stage> {
    let name = name.trim();
    ladder.iter().find(|stage| stage.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_ladder_climbs() {
        let ladder = default_ladder();
        assert!(ladder.windows(2).all(|pair| pair[0].rank < pair[1].rank));
        assert_eq!(find(&ladder, " mql ").unwrap().name, "MQL");
        assert_eq!(find(&ladder, "Nobody"), None);
    }
}
