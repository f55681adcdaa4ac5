//! Bytes as choices. An input that ends early goes on as zeros, so that every text is an input, and
//! cutting it shorter makes it simpler.

/// What a target draws its input from.
#[derive(Debug, Clone)]
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    /// Of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing but zeros is to come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let high = if end > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (high | usize::from(self.byte())) % end
    }

    /// Once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// A number of 32 bits.
    pub fn number(&mut self) -> u32 {
        u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// One of these.
    pub fn pick<'b, T>(&mut self, choices: &'b [T]) -> &'b T {
        &choices[self.below(choices.len())]
    }

    /// At most so many bytes.
    pub fn bytes(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// At most so many characters of an alphabet, once in a while any character there is.
    pub fn text(&mut self, alphabet: &str, most: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let length = self.below(most + 1);
        (0..length).map(|_| if self.once_in(32) { self.any_char() } else { *self.pick(&letters) }).collect()
    }

    /// Any character, the troublesome ones more often than they deserve.
    pub fn any_char(&mut self) -> char {
        const TROUBLE: [char; 12] =
            ['\0', '\n', '\r', '\t', '"', '\'', '\\', '\u{a0}', '\u{202e}', '\u{feff}', '\u{ff10}', '\u{0301}'];
        let number = self.number();
        char::from_u32(number % 0x11_0000).filter(|_| number.is_multiple_of(3)).unwrap_or(*self.pick(&TROUBLE))
    }

    /// A text with one to three of its bytes changed, doubled, dropped, or moved.
    pub fn mutated(&mut self, text: &[u8]) -> Vec<u8> {
        let mut changed = text.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(changed.len() + 1);
            match self.below(5) {
                0 if at < changed.len() => changed[at] ^= 1 << self.below(8),
                1 if at < changed.len() => drop(changed.remove(at)),
                2 => changed.insert(at, self.byte()),
                3 => changed.truncate(at),
                _ => changed.rotate_left(at),
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_over_goes_on_as_zeros() {
        let mut source = Source::new(&[7, 1]);
        assert_eq!((source.byte(), source.below(300), source.byte()), (7, 256, 0));
        assert!(source.is_over() && source.bytes(9).is_empty() && source.text("ab", 3).is_empty());
        assert_eq!((source.number(), *source.pick(&["first", "last"])), (0, "first"));
    }

    #[test]
    fn a_text_is_of_its_alphabet_for_the_most_part() {
        let mut source = Source::new(&[3, 0, 1, 0, 0, 0, 1]);
        assert_eq!(source.text("xy", 9), "yxy");
    }

    #[test]
    fn what_is_mutated_differs_and_stays_near() {
        let mut source = Source::new(&[0, 2, 0, 0]);
        assert_eq!(source.mutated(b"abc"), b"abb");
        assert_eq!(Source::new(&[]).mutated(b""), b"");
    }
}
