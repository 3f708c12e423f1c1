//! A folder of documents: every file below it, read on all cores, each with its report.

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::read::Document;
use crate::report::{Finding, Report};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files done, this one included.
    pub done: usize,
    /// Files in all.
    pub total: usize,
}

/// One file of a folder.
#[derive(Debug)]
pub struct Imported {
    /// What happened and why.
    pub report: Report,
    /// The document, unless refused.
    pub document: Option<Document>,
}

/// Why a folder cannot be imported at all; what is wrong with a file is in its report.
#[derive(Debug, thiserror::Error)]
#[error("cannot list {folder}")]
pub struct FolderError {
    folder: String,
    #[source]
    source: std::io::Error,
}

/// Files below a folder that are not followed further; a folder of documents is small.
const FILES: usize = 100_000;

/// Every regular file below `folder`, as paths with `/`, sorted. Hidden files and links that leave the folder are left out.
pub fn files(folder: &Path) -> Result<Vec<String>, FolderError> {
    let mut found = Vec::new();
    list(folder, "", 0, &mut found).map_err(|source| FolderError { folder: folder.display().to_string(), source })?;
    found.sort();
    Ok(found)
}

fn list(folder: &Path, below: &str, depth: usize, found: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || found.len() >= FILES {
            continue;
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < 32 {
            list(folder, &path, depth + 1, found)?;
        } else if kind.is_file() || kind.is_symlink() {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads every file below `folder` on all cores and calls `progress` after each, from any thread. The result is sorted by path.
pub fn import(
    folder: &Path,
    limits: &Limits,
    progress: &(dyn Fn(Progress, &Report) + Sync),
) -> Result<Vec<Imported>, FolderError> {
    let files = files(folder)?;
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results: Mutex<Vec<Imported>> = Mutex::new(Vec::with_capacity(files.len()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(files.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let imported = import_file(folder, file, limits);
                    let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                    progress(Progress { done: count, total: files.len() }, &imported.report);
                    if let Ok(mut results) = results.lock() {
                        results.push(imported);
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by(|a, b| a.report.file.cmp(&b.report.file));
    Ok(results)
}

/// Reads one file below `folder`.
pub fn import_file(folder: &Path, file: &str, limits: &Limits) -> Imported {
    match Document::read_file(folder, file, limits) {
        Ok(document) => Imported { report: document.report(Some(file.to_owned())), document: Some(document) },
        Err(error) => Imported { report: error.report(Some(file.to_owned())), document: None },
    }
}

/// The report of a file that could not even be opened.
pub fn unreadable(file: &str, error: &std::io::Error) -> Report {
    Report::new(Some(file.to_owned()), vec![Finding::refused(SpecCode::FileUnreadable, "", &error.to_string())])
}
