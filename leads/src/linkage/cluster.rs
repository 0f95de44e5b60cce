//! From pairs to groups: who is one person, when each pair has a say.
//!
//! Pairs are taken from the strongest down, and two groups become one only when *all* pairs between them are, on
//! average, above the threshold (average linkage, Sokal and Michener 1958). So a chain of A like B, B like C does not
//! make one person of A and C that are nothing alike.

use std::collections::HashMap;

/// Largest group. Beyond it something shared, not a person, holds records together.
pub const LARGEST_GROUP: usize = 40;
/// No single pair says more than this within an average, in bits.
const LOUDEST: f64 = 12.0;

/// Two records and the log-odds in bits that they are one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The record with the smaller number.
    pub left: u32,
    /// The record with the larger number.
    pub right: u32,
    /// Log-odds in bits.
    pub bits: f64,
}

/// Groups of two records and more out of `links`, of which those below `threshold` bits are left out. `score` tells the
/// log-odds of pairs that are no link. Groups and their records are in order.
pub fn groups(links: &[Link], threshold: f64, mut score: impl FnMut(u32, u32) -> f64) -> Vec<Vec<u32>> {
    let known: HashMap<(u32, u32), f64> =
        links.iter().map(|link| ((link.left, link.right), link.bits)).collect();
    let mut strong: Vec<&Link> = links.iter().filter(|link| link.bits >= threshold).collect();
    strong.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| (a.left, a.right).cmp(&(b.left, b.right))));
    let mut group_of: HashMap<u32, u32> = HashMap::new();
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for link in strong {
        let mut name = |record: u32| {
            *group_of.entry(record).or_insert_with(|| {
                members.insert(record, vec![record]);
                record
            })
        };
        let (left, right) = (name(link.left), name(link.right));
        if left == right || members[&left].len() + members[&right].len() > LARGEST_GROUP {
            continue;
        }
        let mut sum = 0.0;
        for &a in &members[&left] {
            for &b in &members[&right] {
                let pair = (a.min(b), a.max(b));
                let bits = known.get(&pair).copied().unwrap_or_else(|| score(pair.0, pair.1));
                sum += bits.clamp(-LOUDEST, LOUDEST);
            }
        }
        let pairs = members[&left].len() * members[&right].len();
        if sum / pairs as f64 >= threshold.min(LOUDEST) {
            let moved = members.remove(&right).expect("every group has members");
            for &record in &moved {
                group_of.insert(record, left);
            }
            members.get_mut(&left).expect("every group has members").extend(moved);
        }
    }
    let mut groups: Vec<Vec<u32>> = members.into_values().filter(|group| group.len() > 1).collect();
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_unstable();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(left: u32, right: u32, bits: f64) -> Link {
        Link { left, right, bits }
    }

    #[test]
    fn what_belongs_together_comes_together() {
        let links = [link(0, 1, 5.0), link(1, 2, 4.0), link(0, 2, 3.0), link(7, 9, 1.0), link(3, 4, -2.0)];
        assert_eq!(groups(&links, 0.0, |_, _| -10.0), [vec![0, 1, 2], vec![7, 9]]);
    }

    #[test]
    fn a_chain_is_no_group() {
        let links = [link(0, 1, 6.0), link(1, 2, 5.0), link(2, 3, 4.0)];
        assert_eq!(groups(&links, 0.0, |_, _| -10.0), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_group_has_an_end() {
        let links: Vec<Link> = (1..200).map(|n| link(0, n, 9.0)).collect();
        let groups = groups(&links, 0.0, |_, _| 9.0);
        assert!(groups.iter().all(|group| group.len() <= LARGEST_GROUP));
    }

    #[test]
    fn the_order_of_links_does_not_matter() {
        let mut links =
            vec![link(0, 1, 5.0), link(1, 2, 5.0), link(0, 2, -1.0), link(2, 3, 5.0), link(4, 5, 0.5)];
        let before = groups(&links, 0.0, |_, _| -3.0);
        links.reverse();
        assert_eq!(groups(&links, 0.0, |_, _| -3.0), before);
    }
}
