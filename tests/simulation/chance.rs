//! Chance from a seed. Every purpose draws from a stream of its own, so that a new purpose does not disturb the others.

/// A stream of random numbers (SplitMix64): small, quick, and the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of `seed` for `purpose`.
    pub(crate) fn of(seed: u64, purpose: &str) -> Self {
        // FNV-1a: a purpose is a name, not a secret.
        let name = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut chance = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ name);
        chance.draw();
        chance
    }

    /// The next number.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to just below `end` (1 or more).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// A number from `first` to `last`.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True `percent` times of a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`.
    pub(crate) fn pick<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        let at = self.below(choices.len() as u64);
        &choices[usize::try_from(at).expect("below the number of choices")]
    }
}

#[test]
fn a_seed_gives_one_stream_per_purpose() {
    let draw = |seed, purpose| (0..4).map(|_| Chance::of(seed, purpose).draw()).collect::<Vec<_>>();
    assert_eq!(draw(1, "crash"), draw(1, "crash"));
    assert_ne!(draw(1, "crash"), draw(2, "crash"));
    assert_ne!(draw(1, "crash"), draw(1, "world"));
}
