//! Plans as `auto_explain` writes them into the server's log.

use std::fs;
use std::path::{Path, PathBuf};

use load_tests::database::BenchDatabase;
use serde_json::Value;
use sqlx::Executor as _;

/// Of a table with fewer rows than this the planner may well read all, and sort what it likes.
const SMALL: f64 = 1_000.0;

/// From now on every statement of every new session of this database.
pub async fn switch_on(database: &BenchDatabase) -> anyhow::Result<()> {
    let settings = [
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_nested_statements", "on"),
        ("auto_explain.log_format", "json"),
        ("auto_explain.log_timing", "off"),
    ];
    let mut superuser = database.superuser().await?;
    for (name, value) in settings {
        let sql = format!("alter database {} set {name} = '{value}'", database.name);
        superuser.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
    }
    Ok(())
}

/// The server's log, read from where it was read before.
pub struct Log {
    file: PathBuf,
    read: usize,
}

impl Log {
    pub fn open(file: &Path) -> Self {
        Self { file: file.to_owned(), read: fs::read(file).unwrap().len() }
    }

    /// What was planned since the last time.
    pub fn plans(&mut self) -> Vec<Plan> {
        let bytes = fs::read(&self.file).unwrap();
        let text = String::from_utf8_lossy(&bytes[self.read..]).into_owned();
        self.read = bytes.len();
        text.split("plan:\n").skip(1).map(Plan::parse).collect()
    }
}

/// A statement and how it was run.
pub struct Plan {
    text: String,
    root: Value,
}

impl Plan {
    /// A message's further lines begin with a tab.
    fn parse(text: &str) -> Self {
        let json: String =
            text.lines().take_while(|line| line.starts_with('\t')).map(|line| format!("{line}\n")).collect();
        let whole: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        Self { text: whole["Query Text"].as_str().unwrap_or_default().to_owned(), root: whole["Plan"].clone() }
    }

    /// Rows that were read from tables, those that did not fit included.
    pub fn rows_read(&self) -> u64 {
        let rows = |node: &Value| if node["Relation Name"].is_string() { seen(node) } else { 0.0 };
        self.nodes().into_iter().map(rows).sum::<f64>() as u64
    }

    /// What reads a large table from end to end, or sorts what it read of one.
    pub fn faults(&self) -> Vec<String> {
        let fault = |node: &Value| match node["Node Type"].as_str()? {
            "Seq Scan" if seen(node) > SMALL => Some(format!("all of {} is read", node["Relation Name"])),
            "Sort" | "Incremental Sort" if sorted(node) > SMALL => Some(format!("{} rows are sorted", sorted(node))),
            _ => None,
        };
        let shown = self.shown();
        self.nodes().into_iter().filter_map(fault).map(|fault| format!("{fault}: {shown}")).collect()
    }

    /// The statement's beginning, on one line.
    pub fn shown(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
    }

    fn nodes(&self) -> Vec<&Value> {
        let (mut all, mut next) = (Vec::new(), vec![&self.root]);
        while let Some(node) = next.pop() {
            next.extend(node["Plans"].as_array().into_iter().flatten());
            all.push(node);
        }
        all
    }
}

/// In all loops of a node, what it gave and what it threw away.
fn seen(node: &Value) -> f64 {
    let of = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let once = of("Actual Rows") + of("Rows Removed by Filter") + of("Rows Removed by Index Recheck");
    once * of("Actual Loops")
}

/// What goes into a sort; what comes out may be cut off by a limit.
fn sorted(node: &Value) -> f64 {
    node["Plans"].as_array().into_iter().flatten().map(seen).sum()
}

#[test]
fn a_plan_that_reads_all_and_sorts_it_is_found() {
    let log = "2026 LOG: duration: 1 ms  plan:\n\t{\n\t\"Query Text\": \"select 1\",\n\t\"Plan\": {\"Node Type\": \"Sort\", \
               \"Actual Rows\": 25, \"Actual Loops\": 1, \"Plans\": [{\"Node Type\": \"Seq Scan\", \"Relation Name\": \
               \"login_2026_11\", \"Actual Rows\": 400, \"Rows Removed by Filter\": 600.5, \"Actual Loops\": 2}]}\n\t}\n2026 next";
    let plan = Plan::parse(log.split("plan:\n").nth(1).unwrap());
    assert_eq!((plan.rows_read(), plan.faults().len()), (2_001, 2), "{:?}", plan.faults());
}
