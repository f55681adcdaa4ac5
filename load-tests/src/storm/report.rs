//! What became of a scenario, as a page with two pictures beside it, and as JSON for whoever compares runs.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::storm::plan::Plan;
use crate::storm::run::Played;
use crate::storm::svg::{Chart, Line};
use crate::storm::timeline::Second;

/// Writes `NAME.md`, `NAME.json`, `NAME-waits.svg` and `NAME-rate.svg` into a folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path, name: &str, machine: &str, plan: &Plan, played: &Played) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.md")), page(name, machine, plan, played))?;
    let json = serde_json::to_string_pretty(&figures(name, machine, plan, played))? + "\n";
    std::fs::write(folder.join(format!("{name}.json")), json)?;
    std::fs::write(folder.join(format!("{name}-waits.svg")), waits(plan, played).draw())?;
    std::fs::write(folder.join(format!("{name}-rate.svg")), rate(plan, played).draw())?;
    Ok(())
}

/// A page of Markdown.
#[must_use]
pub fn page(name: &str, machine: &str, plan: &Plan, played: &Played) -> String {
    let mut text = format!("# {}\n\n{}\n\n{machine}\n\n", plan.title, plan.story.trim());
    let (full, floor) = (&played.full, &played.floor);
    let _ = writeln!(
        text,
        "{} gateways, {} connections. In a closed loop just before: {:.0} whole logins a second. An empty field at \
         this scenario's highest rate: p50 {:.2} ms, p99 {:.2} ms.\n",
        plan.gateways,
        plan.connections,
        full,
        floor.percentile(0.5),
        floor.percentile(0.99)
    );
    let _ = writeln!(text, "![Throughput over time]({name}-rate.svg)\n\n![How long logins waited]({name}-waits.svg)\n");
    text.push_str("| phase | due a second | served | failed | p50 ms | p99 ms | longest ms |\n|---|---:|---:|---:|---:|---:|---:|\n");
    for (phase, second) in phases(played) {
        let wait = |share| second.waits.percentile(share);
        let (due, served, failed) = (f64::from(second.due) / phase.seconds, second.served, second.failed);
        let [p50, p99, longest] = [wait(0.5), wait(0.99), wait(1.0)];
        let name = &phase.name;
        let _ = writeln!(text, "| {name} | {due:.0} | {served} | {failed} | {p50:.1} | {p99:.1} | {longest:.1} |");
    }
    text.push('\n');
    text.push_str(&played.figures.table());
    text
}

fn phases(played: &Played) -> Vec<(&crate::storm::schedule::Phase, Second)> {
    let phases = played.schedule.phases().iter();
    phases.filter_map(|phase| Some((phase, played.timeline.within(played.schedule.span(&phase.name)?)))).collect()
}

/// The figures of a run.
#[must_use]
pub fn figures(name: &str, machine: &str, plan: &Plan, played: &Played) -> Value {
    let phase = |(phase, second): (&crate::storm::schedule::Phase, Second)| {
        json!({
            "phase": phase.name, "seconds": phase.seconds, "rate": phase.rate, "due": second.due,
            "served": second.served, "failed": second.failed,
            "p50_ms": second.waits.percentile(0.5), "p99_ms": second.waits.percentile(0.99),
        })
    };
    json!({
        "scenario": name, "machine": machine, "gateways": plan.gateways, "connections": plan.connections,
        "closed_loop_per_second": played.full, "empty_field_p99_ms": played.floor.percentile(0.99),
        "holds": played.figures.hold(), "phases": phases(played).into_iter().map(phase).collect::<Vec<_>>(),
    })
}

/// How long logins waited, a line for each phase.
fn waits(plan: &Plan, played: &Played) -> Chart {
    let line = |(phase, second): (&crate::storm::schedule::Phase, Second)| Line {
        name: phase.name.clone(),
        points: second.waits.shares().into_iter().map(|(ms, share)| (ms, share * 100.0)).collect(),
    };
    Chart {
        title: format!("{}: how long logins waited", plan.title),
        axes: ["wait from when it was due, ms".to_owned(), "% of the phase's logins".to_owned()],
        logarithmic: true,
        lines: phases(played).into_iter().map(line).collect(),
        ..Chart::default()
    }
}

/// How many logins were due and served in each second.
fn rate(plan: &Plan, played: &Played) -> Chart {
    let last = played.schedule.duration().as_secs_f64().ceil() as usize;
    let seconds = &played.timeline.seconds()[..last.min(played.timeline.seconds().len())];
    let points = |value: fn(&Second) -> u32| -> Vec<(f64, f64)> {
        seconds.iter().enumerate().map(|(n, second)| (n as f64 + 0.5, f64::from(value(second)))).collect()
    };
    let begins = |name: &str| played.schedule.span(name).map_or(Duration::ZERO, |(begin, _)| begin).as_secs_f64();
    let marks = played.schedule.phases().iter().map(|phase| (begins(&phase.name), phase.name.clone())).collect();
    Chart {
        title: format!("{}: logins a second", plan.title),
        axes: ["seconds".to_owned(), "logins a second".to_owned()],
        lines: vec![
            Line { name: "due".to_owned(), points: points(|second| second.due) },
            Line { name: "served in the end".to_owned(), points: points(|second| second.served) },
        ],
        failures: points(|second| second.failed),
        marks,
        ..Chart::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Figures, Gate};
    use crate::stats::Sample;
    use crate::storm::schedule::Schedule;
    use crate::storm::timeline::Timeline;

    fn played() -> (Plan, Played) {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/replica-loss.toml");
        let plan = Plan::read(Path::new(file)).unwrap();
        let schedule = Schedule::new(&plan.phases, 100.0);
        let mut timeline = Timeline::default();
        for due in schedule.arrivals() {
            timeline.note(due, (due.as_millis() % 50 != 0).then_some(Duration::from_millis(9)));
        }
        let sample = Sample::new(Duration::from_secs(1), vec![Duration::from_millis(1); 100]);
        let mut figures = Figures::default();
        figures.judge("a", "b".to_owned(), 2.0, Gate::AtMost(1.0));
        (plan, Played { schedule, timeline, full: 100.0, floor: sample, figures })
    }

    #[test]
    fn the_page_has_every_phase_and_its_pictures_and_what_does_not_hold() {
        let (plan, played) = played();
        let page = page("replica-loss", "a machine", &plan, &played);
        for phase in &plan.phases {
            assert!(page.contains(&format!("| {} |", phase.name)), "{page}");
        }
        for wanted in ["(replica-loss-rate.svg)", "(replica-loss-waits.svg)", "a machine", "MISS", "100 whole logins"] {
            assert!(page.contains(wanted), "{wanted}");
        }
        assert!(!page.contains("NaN"), "{page}");
    }

    #[test]
    fn the_figures_are_those_of_the_timeline() {
        let (plan, played) = played();
        let json = figures("x", "m", &plan, &played);
        let sum =
            |key: &str| -> u64 { json["phases"].as_array().unwrap().iter().map(|p| p[key].as_u64().unwrap()).sum() };
        assert_eq!(sum("due"), sum("served") + sum("failed"));
        assert!(sum("due") == played.schedule.count() as u64 && sum("failed") > 0 && json["holds"] == false);
    }

    #[test]
    fn all_files_are_written() {
        let folder = std::env::temp_dir().join(format!("postern-report-{}", std::process::id()));
        let (plan, played) = played();
        write(&folder, "x", "m", &plan, &played).unwrap();
        for file in ["x.md", "x.json", "x-rate.svg", "x-waits.svg"] {
            assert!(std::fs::metadata(folder.join(file)).unwrap().len() > 200, "{file}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
