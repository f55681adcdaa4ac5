//! What a process has used of the processor, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// The kernel's unit in `/proc`: a hundredth of a second on every Linux that there is (`USER_HZ`, which has
/// nothing to do with the timer's frequency).
const TICK: Duration = Duration::from_millis(10);

/// Fields of `/proc/PID/stat` behind the name, of which the first is the state.
struct Stat {
    parent: u32,
    own: u64,
    of_children: u64,
}

impl Stat {
    /// The name is in parentheses and may itself have some; fields are counted from the last of them.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |n: usize| fields.get(n)?.parse::<u64>().ok();
        let parent = u32::try_from(number(1)?).ok()?;
        Some(Self { parent, own: number(11)? + number(12)?, of_children: number(13)? + number(14)? })
    }

    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

fn time(ticks: u64) -> Duration {
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// What a process has used, with all its threads.
///
/// # Errors
/// When it has ended.
pub fn of_process(pid: u32) -> anyhow::Result<Duration> {
    Ok(time(Stat::read(pid).with_context(|| format!("process {pid} has ended"))?.own))
}

/// What a process and its children have used, those among them that have ended included.
///
/// # Errors
/// When it has ended.
pub fn of_family(parent: u32) -> anyhow::Result<Duration> {
    let own = Stat::read(parent).with_context(|| format!("process {parent} has ended"))?;
    let mut ticks = own.own + own.of_children;
    for entry in fs::read_dir("/proc")? {
        let pid = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        // One that ends meanwhile is counted with those that have ended the next time.
        let child = pid.and_then(Stat::read).filter(|child| child.parent == parent);
        ticks += child.map_or(0, |child| child.own + child.of_children);
    }
    Ok(time(ticks))
}

/// Who a process was started by.
///
/// # Errors
/// When it has ended.
pub fn parent_of(pid: u32) -> anyhow::Result<u32> {
    Ok(Stat::read(pid).with_context(|| format!("process {pid} has ended"))?.parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn fields_are_counted_behind_the_name_whatever_it_is() {
        let text = "12 (a) b (c) S 7 1 1 0 -1 4194304 1 2 3 4 100 20 5 6 20 0 1 0 99 1000 10";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.parent, stat.own, stat.of_children), (7, 120, 11));
        assert!(Stat::parse("12 (a) S 7").is_none() && Stat::parse("").is_none());
    }

    #[test]
    fn what_a_child_used_is_the_familys_when_it_has_ended() {
        let own = std::process::id();
        let before = of_family(own).unwrap();
        let burn = "n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done";
        assert!(Command::new("sh").args(["-c", burn]).status().unwrap().success());
        let used = of_family(own).unwrap() - before;
        assert!(used >= TICK, "{used:?}");
        assert!(of_process(own).is_ok() && of_process(u32::MAX - 1).is_err());
        assert_eq!(parent_of(own).unwrap(), std::os::unix::process::parent_id());
    }
}
