//! Numbers that were passed over: each is missing, unless it turns up later.

use std::collections::BTreeMap;

/// Ranges of missing numbers, by their first; with the line before which they are missing.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeMap<u64, (u64, u64)>);

impl Gaps {
    /// Notes that `from..=to` are missing before this line.
    pub(crate) fn add(&mut self, from: u64, to: u64, line: u64) {
        self.0.insert(from, (to, line));
    }

    /// Takes out a number that turned up; false where it was not missing.
    pub(crate) fn fill(&mut self, number: u64) -> bool {
        let Some((&from, &(to, line))) = self.0.range(..=number).next_back() else { return false };
        if number > to {
            return false;
        }
        self.0.remove(&from);
        if from < number {
            self.add(from, number - 1, line);
        }
        if number < to {
            self.add(number + 1, to, line);
        }
        true
    }

    /// What is still missing: first, last, and the line before which.
    pub(crate) fn left(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.0.iter().map(|(from, (to, line))| (*from, *to, *line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_up_is_not_missing() {
        let mut gaps = Gaps::default();
        gaps.add(5, 9, 3);
        gaps.add(20, 20, 7);
        assert!(!gaps.fill(4) && !gaps.fill(10) && !gaps.fill(21));
        assert!(gaps.fill(7) && !gaps.fill(7));
        assert!(gaps.fill(5) && gaps.fill(20));
        assert_eq!(gaps.left().collect::<Vec<_>>(), [(6, 6, 3), (8, 9, 3)]);
    }
}
