//! The last criterion figures as a Markdown table, ready for `docs/BENCHMARKS.md`.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Prints the table.
pub(crate) fn print() -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = target.join("criterion");
    let mut rows = Vec::new();
    collect(&folder, &folder, &mut rows)?;
    if rows.is_empty() {
        bail!("{} holds no figures: run `./dev bench` first", folder.display());
    }
    rows.sort();
    println!("| bench | median | 95 % interval |\n|---|---:|---:|");
    rows.iter().for_each(|row| println!("{row}"));
    Ok(())
}

/// Criterion writes `GROUP/NAME/new/estimates.json`.
fn collect(root: &Path, folder: &Path, rows: &mut Vec<String>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("new/estimates.json") {
            let name = path.parent().and_then(Path::parent).and_then(|bench| bench.strip_prefix(root).ok());
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let estimates = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
            rows.push(row(&name.unwrap_or(&path).display().to_string(), &estimates)?);
        } else if path.is_dir() && !path.ends_with("report") {
            collect(root, &path, rows)?;
        }
    }
    Ok(())
}

fn row(name: &str, estimates: &Value) -> Result<String> {
    let median = &estimates["median"];
    let number = |value: &Value| value.as_f64().with_context(|| format!("{name} has no median"));
    let interval = &median["confidence_interval"];
    let (low, high) = (number(&interval["lower_bound"])?, number(&interval["upper_bound"])?);
    Ok(format!("| {name} | {} | {} – {} |", time(number(&median["point_estimate"])?), time(low), time(high)))
}

/// Nanoseconds in the unit that leaves one to three digits before the point.
fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    let digits = if value < 10.0 { 2 } else { 1 };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_found_and_rendered() {
        let folder = tempfile::tempdir().unwrap();
        let bench = folder.path().join("router/lookup 10000/new");
        std::fs::create_dir_all(&bench).unwrap();
        let figure = json!({ "median": { "point_estimate": 1234.0,
            "confidence_interval": { "lower_bound": 999.0, "upper_bound": 45_678_000.0 } } });
        std::fs::write(bench.join("estimates.json"), figure.to_string()).unwrap();
        let mut rows = Vec::new();
        collect(folder.path(), folder.path(), &mut rows).unwrap();
        assert_eq!(rows, ["| router/lookup 10000 | 1.23 µs | 999.0 ns – 45.7 ms |"]);
    }

    #[test]
    fn an_estimate_without_a_median_is_an_error() {
        assert!(row("x", &json!({})).is_err());
    }
}
