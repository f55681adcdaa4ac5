//! How much of a password is left once what is tried first is taken out of it.
//!
//! Lists of leaked passwords are long, other people's, and old; what they hold is mostly made by a few habits:
//! a word that everybody thinks of or that names the place, letters turned into digits that look like them, a
//! walk over the keyboard, a count, a year, and the same again. So the habits are looked for. What they do not
//! explain is counted, and that must be enough by itself.

/// So many characters must be left.
pub(crate) const ENOUGH: usize = 8;
/// The shortest walk or count that counts as one: two neighbours meet in many words.
const WALK: usize = 4;
/// The shortest piece that counts as said before.
const ECHO: usize = 3;

/// What people think of first.
const WORDS: [&str; 44] = [
    "administrator",
    "admin",
    "access",
    "angel",
    "baseball",
    "batman",
    "changeme",
    "charlie",
    "computer",
    "default",
    "donald",
    "dragon",
    "flower",
    "football",
    "freedom",
    "hello",
    "hockey",
    "iloveyou",
    "internet",
    "jesus",
    "jordan",
    "letmein",
    "login",
    "lovely",
    "master",
    "michael",
    "monkey",
    "mustang",
    "password",
    "passwort",
    "princess",
    "secret",
    "secure",
    "shadow",
    "soccer",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "trustno",
    "user",
    "welcome",
    "whatever",
    "winter",
];

/// Along these a finger or a count goes, either way.
const TRACKS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
];

/// How many letters and digits of a folded text none of this explains; `known` are words that name the person or
/// the place, folded too.
pub(crate) fn unexplained<S: AsRef<str>>(folded: &str, known: &[S]) -> usize {
    let chars: Vec<char> = folded.chars().collect();
    let mut explained = vec![false; chars.len()];
    mark_words(&chars, known, &mut explained);
    mark_years(&chars, &mut explained);
    mark_walks(&chars, &mut explained);
    mark_echoes(&chars, &mut explained);
    chars.iter().zip(explained).filter(|(char, explained)| char.is_alphanumeric() && !explained).count()
}

/// What a digit or sign stands for where it stands for a letter.
fn letter(char: char) -> char {
    match char {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        other => other,
    }
}

fn mark_words<S: AsRef<str>>(chars: &[char], known: &[S], explained: &mut [bool]) {
    let plain: Vec<char> = chars.iter().copied().map(letter).collect();
    let known = known.iter().map(AsRef::as_ref).filter(|word| word.chars().count() > 2);
    for word in WORDS.iter().copied().chain(known) {
        let word: Vec<char> = word.chars().map(letter).collect();
        for start in 0..(plain.len() + 1).saturating_sub(word.len()) {
            if plain[start..].starts_with(&word) {
                explained[start..start + word.len()].fill(true);
            }
        }
    }
}

/// Four digits that begin with 19 or 20.
fn mark_years(chars: &[char], explained: &mut [bool]) {
    for (start, four) in chars.windows(4).enumerate() {
        let century = matches!(four, ['1', '9', ..] | ['2', '0', ..]);
        if century && four.iter().all(char::is_ascii_digit) {
            explained[start..start + 4].fill(true);
        }
    }
}

/// Of a walk its first character alone says anything.
fn mark_walks(chars: &[char], explained: &mut [bool]) {
    for track in TRACKS {
        let forth: Vec<char> = track.chars().collect();
        let back: Vec<char> = forth.iter().rev().copied().collect();
        for track in [forth, back] {
            mark_steps(chars, explained, |pair| track.windows(2).any(|step| step == pair));
        }
    }
    mark_steps(chars, explained, |pair| pair[0] == pair[1]);
}

fn mark_steps(chars: &[char], explained: &mut [bool], is_step: impl Fn(&[char]) -> bool) {
    let mut start = 0;
    for end in 1..=chars.len() {
        if end < chars.len() && is_step(&chars[end - 1..=end]) {
            continue;
        }
        if end - start >= WALK {
            explained[start + 1..end].fill(true);
        }
        start = end;
    }
}

/// What was said before says nothing new.
fn mark_echoes(chars: &[char], explained: &mut [bool]) {
    for start in ECHO..(chars.len() + 1).saturating_sub(ECHO) {
        let piece = &chars[start..start + ECHO];
        if chars[..start].windows(ECHO).any(|earlier| earlier == piece) {
            explained[start..start + ECHO].fill(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> usize {
        unexplained(text, &["meridian", "ann", "lee"])
    }

    #[test]
    fn habits_explain_what_is_tried_first() {
        for weak in [
            "password2026",
            "p@ssw0rd!2024",
            "123456789abc",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "qwertyuiop[]\\",
            "abcdefghijkl",
            "zyxwvutsrqpo",
            "987654321098",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "xk7xk7xk7xk7",
            "asdfghjkl;'1",
            "letmein12345",
            "welcome-1999-welcome",
            "administrator1",
            "iloveyou1234",
            "monkeydragon12",
            "summer2025winter",
            "meridianqwertyuiop",
            "m3ridian-password",
            "meridian-2026-ann",
            "qazwsxedc1qaz2wsx",
        ] {
            assert!(left(weak) < ENOUGH, "{weak} leaves {}", left(weak));
        }
    }

    #[test]
    fn what_nobody_would_guess_is_left_whole() {
        for good in [
            "three blue whales sing",
            "ann eats purple parsnips",
            "correct horse battery",
            "elf eleven x",
            "vex dwarf jumbo quiz",
            "first concert poetry",
            "überfluss äöü",
            "k7#mq9$zt2wv",
        ] {
            assert!(left(good) >= ENOUGH, "{good} leaves {}", left(good));
        }
    }

    #[test]
    fn one_more_than_a_habit_is_counted_and_signs_are_not() {
        assert_eq!(unexplained::<&str>("password", &[]), 0);
        assert_eq!(unexplained::<&str>("passwordxyq", &[]), 3);
        assert_eq!(unexplained::<&str>("!!?? --", &[]), 0);
        assert_eq!(unexplained::<&str>("qwert", &[]), 1, "a walk says where it begins");
        assert_eq!(unexplained::<&str>("qwe", &[]), 3, "two neighbours are no walk");
        assert_eq!(unexplained::<&str>("", &[]), 0);
    }

    #[test]
    fn a_name_of_two_letters_takes_nothing_away() {
        assert_eq!(unexplained("jo is going", &["jo"]), unexplained::<&str>("jo is going", &[]));
    }
}
