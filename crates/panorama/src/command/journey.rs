//! Journeys as files: checked, formatted, shown. No server is asked.

use super::read_input;
use crate::cli::{CheckJourney, FmtJourney, Global, Journey, JourneyPart, Language, ShowJourney};
use crate::output::{self, Column, Output};
use anyhow::{Context, bail};
use pano_journey::bian::Landscape;
use pano_journey::check::{Checked, check};
use pano_journey::diagnostic::{Code, Diagnostic, Severity};
use pano_journey::grammar;
use pano_journey::model;
use pano_journey::place::Place;
use pano_journey::plan::{Plan, Trigger};
use pano_journey::report::{Report, sarif};
use pano_journey::tree::{Limits, Tree};
use pano_types::Lang;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const ENDINGS: [&str; 3] = [".journey.yaml", ".journey.yml", ".journey.json"];

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or written, or a journey is not as it should be.
pub fn run(global: &Global, command: Journey) -> anyhow::Result<()> {
    let lang = if global.lang == Language::Zh { Lang::Zh } else { Lang::En };
    match command {
        Journey::Check(command) => examine(global.output, lang, &command),
        Journey::Fmt(command) => fmt(&command),
        Journey::Show(command) => show(global.output, lang, &command),
        Journey::Schema => {
            output::json(&grammar::schema());
            Ok(())
        }
    }
}

/// A file and what was found in it.
struct Looked {
    name: String,
    text: String,
    checked: Checked,
}

fn examine(out: Output, lang: Lang, command: &CheckJourney) -> anyhow::Result<()> {
    let landscape = landscape(command.bian.as_deref(), command.bian_whole)?;
    let looked =
        files(&command.paths)?.iter().map(|path| look(path, &landscape)).collect::<anyhow::Result<Vec<_>>>()?;
    let reports: Vec<Report<'_>> = looked
        .iter()
        .map(|looked| Report { name: &looked.name, text: &looked.text, diagnostics: &looked.checked.diagnostics })
        .collect();
    match (out, command.sarif) {
        (_, true) => output::json(&sarif(&reports, lang)),
        (Output::Json, false) => {
            let all = reports.iter().filter_map(|report| report.json().as_array().cloned()).flatten();
            output::json(&all.collect());
        }
        (Output::Table, false) => {
            for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
                output::line(report.pretty(lang).trim_end_matches('\n'));
                output::line("");
            }
        }
    }
    let count = |severity| looked.iter().map(|looked| looked.checked.count(severity)).sum::<usize>();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    output::note(&format!("{} checked: {errors} error(s), {warnings} warning(s)", looked.len()));
    if errors > 0 {
        bail!("{errors} error(s)");
    }
    if command.strict && warnings > 0 {
        bail!("{warnings} warning(s)");
    }
    Ok(())
}

fn look(path: &Path, landscape: &Landscape) -> anyhow::Result<Looked> {
    let bytes = bytes(path)?;
    let checked = check(&bytes, landscape, &Limits::default());
    Ok(Looked { name: path.display().to_string(), text: String::from_utf8(bytes).unwrap_or_default(), checked })
}

/// The file, or standard input for `-`. One byte more than a journey may have is enough to refuse it.
fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;
    if path.as_os_str() == "-" {
        return read_input(path).map(String::into_bytes);
    }
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut bytes = Vec::new();
    let most = Limits::default().bytes as u64 + 1;
    file.take(most).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}

/// Files as named, and the journeys of folders, in the order of their names.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).with_context(|| format!("cannot read the folder {}", path.display()))? {
            let file = entry.with_context(|| format!("cannot read the folder {}", path.display()))?.path();
            let named = file.to_str().is_some_and(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)));
            if named && file.is_file() {
                found.push(file);
            }
        }
        if found.is_empty() {
            bail!("{} has no file that ends with {}", path.display(), ENDINGS.join(", "));
        }
        found.sort();
        all.append(&mut found);
    }
    Ok(all)
}

fn landscape(folder: Option<&Path>, whole: bool) -> anyhow::Result<Landscape> {
    let mut landscape = Landscape::new();
    if let Some(folder) = folder {
        for imported in super::local::read(&[folder])? {
            if let Some(document) = &imported.document {
                landscape.add_document(document);
            }
        }
        if landscape.is_empty() {
            bail!("{} holds no API description of BIAN", folder.display());
        }
    }
    Ok(if whole { landscape.whole() } else { landscape })
}

fn fmt(command: &FmtJourney) -> anyhow::Result<()> {
    let mut odd = 0;
    let files = files(&command.paths)?;
    for path in &files {
        let bytes = bytes(path)?;
        let name = path.display().to_string();
        let read = String::from_utf8(bytes).map_err(|_| Diagnostic::new(Code::Encoding, Place::start(), ""));
        let read = read.and_then(|text| Tree::read(&text, &Limits::default()).map(|tree| (text, tree)));
        let (text, tree) = read.map_err(|found| anyhow::anyhow!("{name}:{found}"))?;
        let formatted = pano_journey::format::format(&tree);
        if path.as_os_str() == "-" && !command.check {
            output::bytes(formatted.as_bytes());
        } else if formatted != text {
            odd += 1;
            output::line(&name);
            if !command.check {
                replace(path, &formatted)?;
            }
        }
    }
    let what = if command.check { "not in canonical form" } else { "rewritten" };
    output::note(&format!("{} read, {odd} {what}", files.len()));
    if command.check && odd > 0 { bail!("{odd} file(s) not in canonical form") } else { Ok(()) }
}

/// Writes the file in one step, with the rights that it has: a reader sees the old or the new one, whole.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    // A link is followed, not replaced.
    let target = path.canonicalize().with_context(failed)?;
    let rights = std::fs::metadata(&target).with_context(failed)?.permissions();
    let folder = target.parent().context("a file has a folder")?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    std::io::Write::write_all(&mut fresh, text.as_bytes()).with_context(failed)?;
    fresh.as_file().set_permissions(rights).with_context(failed)?;
    fresh.persist(&target).with_context(failed)?;
    Ok(())
}

const ACTIVITIES: &[Column] = &[
    ("STAGE", "/stage"),
    ("ACTIVITY", "/activity"),
    ("WHO", "/who"),
    ("TOUCHPOINTS", "/touchpoints"),
    ("TITLE", "/title"),
];
const STATES: &[Column] = &[("STATE", "/state"), ("KIND", "/kind"), ("UPON", "/upon"), ("IF", "/if"), ("TO", "/to")];
const TASKS: &[Column] = &[
    ("TASK", "/task"),
    ("PARTY", "/party"),
    ("TAKES", "/takes"),
    ("GIVES", "/gives"),
    ("MAPPED TO", "/mapped_to"),
    ("UNDO", "/undo"),
    ("TIMEOUT", "/timeout"),
];
const OPERATIONS: &[Column] = &[
    ("OPERATION", "/operation"),
    ("METHOD", "/method"),
    ("PATH", "/path"),
    ("TASK", "/task"),
    ("SCOPE", "/scope"),
    ("SCA", "/sca"),
];

fn show(out: Output, lang: Lang, command: &ShowJourney) -> anyhow::Result<()> {
    let looked = look(&command.path, &Landscape::new())?;
    let sound = looked.checked.is_sound();
    let Some((journey, plan)) = looked.checked.journey.filter(|_| sound) else {
        let report = Report { name: &looked.name, text: &looked.text, diagnostics: &looked.checked.diagnostics };
        output::note(&report.pretty(lang));
        bail!("{} has errors", looked.name);
    };
    let all: [(JourneyPart, &str, &[Column], Value); 4] = [
        (JourneyPart::Activities, "activities", ACTIVITIES, activities(&journey)),
        (JourneyPart::States, "states", STATES, states(&plan)),
        (JourneyPart::Tasks, "tasks", TASKS, tasks(&journey)),
        (JourneyPart::Operations, "operations", OPERATIONS, operations(&journey)),
    ];
    let wanted = all.into_iter().filter(|(part, ..)| command.part == JourneyPart::All || command.part == *part);
    let head = json!({ "id": *journey.id, "version": *journey.version, "title": journey.title });
    match out {
        Output::Json => {
            let mut whole = head;
            for (_, name, _, rows) in wanted {
                whole[name] = rows;
            }
            output::json(&whole);
        }
        Output::Table => {
            output::object(out, &head);
            for (_, _, columns, rows) in wanted {
                output::line("");
                output::rows(out, columns, &rows);
            }
        }
    }
    Ok(())
}

fn names(names: &[model::Name]) -> Vec<&str> {
    names.iter().map(|name| name.as_str()).collect()
}

fn text(name: Option<&model::Name>) -> Option<&str> {
    name.map(|name| name.as_str())
}

fn activities(journey: &model::Journey) -> Value {
    let rows = journey.stages.iter().flat_map(|stage| stage.activities.iter().map(move |activity| (stage, activity)));
    rows.map(|(stage, activity)| {
        json!({
            "stage": *stage.name,
            "activity": *activity.name,
            "who": names(&activity.who),
            "touchpoints": names(&activity.touchpoints),
            "title": activity.title,
        })
    })
    .collect()
}

/// A row for each move, and one for a state without any.
fn states(plan: &Plan) -> Value {
    let mut rows = Vec::new();
    for state in plan.states.iter().filter(|state| !state.path.is_empty()) {
        let kind = format!("{:?}", state.kind).to_lowercase();
        let kind = kind.split(' ').next().unwrap_or_default().to_owned();
        if state.moves.is_empty() {
            rows.push(json!({ "state": state.path, "kind": kind }));
        }
        for moved in &state.moves {
            let upon = match &moved.trigger {
                Trigger::Event(event) => event.clone(),
                Trigger::Done(_) => "done".to_owned(),
                Trigger::After(length) => format!("after {length}"),
                Trigger::Always => "always".to_owned(),
            };
            let targets = moved.targets.iter().filter_map(|id| plan.states.get(*id)).map(|state| state.path.as_str());
            rows.push(json!({
                "state": state.path,
                "kind": kind,
                "upon": upon,
                "if": moved.guard.as_ref().map(|guard| guard.expression.source()),
                "to": targets.collect::<Vec<_>>(),
            }));
        }
    }
    Value::Array(rows)
}

fn tasks(journey: &model::Journey) -> Value {
    let row = |task: &model::Task| {
        let gap = task.gap.as_ref().map(|gap| format!("gap: {}", gap.en));
        let mapped = text(task.bian.as_ref()).or(text(task.capability.as_ref())).map(str::to_owned).or(gap);
        json!({
            "task": *task.name,
            "party": *task.party,
            "takes": names(&task.takes),
            "gives": names(&task.gives),
            "mapped_to": mapped,
            "undo": text(task.undo.as_ref()),
            "timeout": text(task.timeout.as_ref()),
        })
    };
    journey.tasks.iter().map(row).collect()
}

fn operations(journey: &model::Journey) -> Value {
    let row = |base: &str, operation: &model::Operation| {
        let route = operation.routes.first();
        json!({
            "operation": *operation.name,
            "method": route.map(|(method, _)| method.to_uppercase()),
            "path": route.map(|(_, path)| format!("{base}{}", **path)),
            "task": *operation.task,
            "scope": text(operation.scope.as_ref()),
            "sca": text(operation.sca.as_ref()),
        })
    };
    journey.api.iter().flat_map(|api| api.operations.iter().map(move |operation| row(&api.base, operation))).collect()
}
