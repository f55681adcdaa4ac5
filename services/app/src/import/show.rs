//! A bar on the terminal, or now and then a line where there is none.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const WIDTH: u64 = 30;
/// Between two lines where nothing can be drawn over.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// What is drawn over and over.
#[derive(Debug, Default)]
pub(super) struct Bar {
    last: Option<Instant>,
}

/// Shows how much of a file was sent.
pub(super) type Meter = Box<dyn FnMut(u64) + Send>;

impl Bar {
    /// Shows this instead of what was there.
    pub(super) fn show(&mut self, line: &str) {
        let mut out = std::io::stderr().lock();
        if out.is_terminal() {
            let _ = write!(out, "\r\x1b[2K{line}");
            let _ = out.flush();
        } else if self.last.is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
            self.last = Some(Instant::now());
            let _ = writeln!(out, "{line}");
        }
    }

    /// Shows this for good.
    pub(super) fn end(&mut self, line: &str) {
        self.last = None;
        self.show(line);
        if std::io::stderr().is_terminal() {
            let _ = writeln!(std::io::stderr());
        }
    }

    /// For a file of so many bytes.
    pub(super) fn meter(&self, bytes: u64) -> Meter {
        let mut bar = Self::default();
        Box::new(move |sent| bar.show(&line("sending", sent, bytes, "")))
    }
}

/// `working [######    ] 12 of 40, …`.
pub(super) fn line(what: &str, done: u64, of: u64, more: &str) -> String {
    let filled = (done.min(of) * WIDTH).checked_div(of).unwrap_or(WIDTH);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '#' } else { ' ' }).collect();
    let percent = (done.min(of) * 100).checked_div(of).unwrap_or(100);
    format!("{what} [{bar}] {percent:>3} %{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_how_far_it_is() {
        assert_eq!(line("working", 0, 10, ""), format!("working [{}]   0 %", " ".repeat(30)));
        assert_eq!(line("working", 5, 10, ", x"), format!("working [{}{}]  50 %, x", "#".repeat(15), " ".repeat(15)));
        assert_eq!(line("working", 12, 10, ""), format!("working [{}] 100 %", "#".repeat(30)));
        assert_eq!(line("working", 0, 0, ""), format!("working [{}] 100 %", "#".repeat(30)));
    }
}
