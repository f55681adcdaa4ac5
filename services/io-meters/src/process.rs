//! What the system says of this process, by the names that every exporter uses. On Linux; elsewhere
//! there is nothing to read, and nothing is told.

use std::fs;

use crate::table::Table;

/// `proc(5)`: fixed at 100 for every architecture that Linux serves programs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads it anew.
pub(crate) fn measure(table: &Table) {
    if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
        table.process_cpu.at([]).raise_to(stat.cpu_seconds);
        table.process_threads.at([]).set(stat.threads);
        if let Some(boot) = boot_time() {
            table.process_start.at([]).set(boot + stat.started_seconds);
        }
    }
    if let Some(bytes) = status_kib("VmRSS:") {
        table.process_memory.at([]).set(bytes * 1024.0);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // The folder itself is open while it is read.
        table.process_fds.at([]).set(count(open.count().saturating_sub(1)));
    }
    if let Some(most) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(max_open_files) {
        table.process_max_fds.at([]).set(most);
    }
}

#[expect(clippy::cast_precision_loss, reason = "no process has 2^53 of anything")]
fn count(number: usize) -> f64 {
    number as f64
}

#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    threads: f64,
    /// After the system's start.
    started_seconds: f64,
}

impl Stat {
    /// The fields after the program's name, which may hold spaces and brackets.
    fn parse(stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // `proc(5)` counts from 1, and the name is the second.
        let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (field(14)? + field(15)?) / TICKS_PER_SECOND,
            threads: field(20)?,
            started_seconds: field(22)? / TICKS_PER_SECOND,
        })
    }
}

fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

fn status_kib(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)?.trim().trim_end_matches(" kB").parse().ok())
}

fn max_open_files(limits: &str) -> Option<f64> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 12345 1000 200";
        let parsed = Stat::parse(stat).unwrap();
        assert_eq!(parsed, Stat { cpu_seconds: 3.0, threads: 9.0, started_seconds: 123.45 });
        assert_eq!(Stat::parse("7 (cut"), None);
    }

    #[test]
    fn limits_are_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 524288               files\n";
        assert_eq!(max_open_files(limits), Some(1024.0));
        assert_eq!(max_open_files("Max open files            unlimited            unlimited            files"), None);
    }
}
