//! References: following them inside a document without ever looping, and pulling in files below a folder.
//!
//! External files are embedded under the root member [`BUNDLED`] and the references rewritten, so that everything after reading knows
//! local references only.

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::pointer;
use crate::read::{self, Format};
use crate::report::Finding;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

/// The root member that holds embedded files, by their path below the folder.
pub const BUNDLED: &str = "x-bundled-files";

/// References followed one after the other before giving up; a longer chain is a cycle or mischief.
const CHAIN: usize = 64;

/// The pointer that a local reference (`#/…`) names; `None` when it is not local or malformed.
pub fn local(reference: &str) -> Option<String> {
    let pointer = pointer::from_fragment(reference.strip_prefix('#')?)?;
    pointer::segments(&pointer)?;
    Some(pointer)
}

/// The `$ref` of an object, when it is one.
pub fn reference(value: &Value) -> Option<&str> {
    value.as_object()?.get("$ref")?.as_str()
}

/// What `value` at `at` stands for: itself, or the end of its chain of references, with the pointer of that end. `None` when it leads nowhere.
pub fn resolve<'v>(root: &'v Value, value: &'v Value, at: &str) -> Option<(&'v Value, String)> {
    let mut current = value;
    let mut place = at.to_owned();
    for _ in 0..CHAIN {
        match reference(current) {
            None => return Some((current, place)),
            Some(reference) => {
                place = local(reference)?;
                current = pointer::follow(root, &place)?;
            }
        }
    }
    None
}

/// Members whose values are data, so that a `$ref` in them is no reference.
pub(crate) fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-")
}

/// Embeds the files that `root` refers to, and those that they refer to.
pub(crate) fn bundle(root: &mut Value, folder: &Path, file: &str, limits: &Limits) -> Result<(), Finding> {
    let mut bundler = Bundler {
        folder,
        limits,
        files: Map::new(),
        queue: VecDeque::new(),
        top: normal(Path::new(""), file).unwrap_or_default(),
    };
    let top = bundler.top.clone();
    bundler.rewrite(root, &top, &mut String::new())?;
    while let Some(path) = bundler.queue.pop_front() {
        let mut tree = bundler.load(&path)?;
        bundler.rewrite(&mut tree, &path, &mut String::new())?;
        bundler.files.insert(path, tree);
    }
    if let (Value::Object(map), false) = (root, bundler.files.is_empty()) {
        map.insert(BUNDLED.to_owned(), Value::Object(bundler.files));
    }
    Ok(())
}

struct Bundler<'f> {
    folder: &'f Path,
    limits: &'f Limits,
    files: Map<String, Value>,
    queue: VecDeque<String>,
    top: String,
}

impl Bundler<'_> {
    fn rewrite(&mut self, value: &mut Value, file: &str, at: &mut String) -> Result<(), Finding> {
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.child(item, file, at, &i.to_string())?;
                }
            }
            Value::Object(map) => {
                for (key, child) in map.iter_mut() {
                    match child {
                        Value::String(reference) if key == "$ref" => {
                            if let Some(new) = self.target(reference, file, at)? {
                                *reference = new;
                            }
                        }
                        _ if is_data(key) => {}
                        child => self.child(child, file, at, key)?,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn child(&mut self, value: &mut Value, file: &str, at: &mut String, segment: &str) -> Result<(), Finding> {
        let length = at.len();
        pointer::push(at, segment);
        self.rewrite(value, file, at)?;
        at.truncate(length);
        Ok(())
    }

    /// The local form of a reference in `file`; `None` when it is local to the top file already.
    fn target(&mut self, reference: &str, file: &str, at: &str) -> Result<Option<String>, Finding> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let path = match path {
            "" if file == self.top => return Ok(None),
            "" => file.to_owned(),
            _ => {
                let decoded = pointer::from_fragment(path)
                    .ok_or_else(|| Finding::refused(SpecCode::RefMalformed, at, reference))?;
                if decoded.contains("://") || decoded.starts_with("//") || decoded.contains(':') {
                    return Err(Finding::refused(SpecCode::RefExternal, at, &crate::report_text(reference)));
                }
                let base = Path::new(file).parent().unwrap_or(Path::new(""));
                normal(base, &decoded)
                    .ok_or_else(|| Finding::refused(SpecCode::RefOutside, at, &crate::report_text(reference)))?
            }
        };
        if path == self.top {
            return Ok(Some(format!("#{fragment}")));
        }
        if !self.files.contains_key(&path) && !self.queue.contains(&path) && path != file {
            if self.files.len() + self.queue.len() >= self.limits.files {
                return Err(Finding::refused(
                    SpecCode::RefTooMany,
                    at,
                    &format!("more than {} files", self.limits.files),
                ));
            }
            // Looked for at once, so that the finding carries the pointer of the reference.
            inside(self.folder, &path).map_err(|code| Finding::refused(code, at, &crate::report_text(reference)))?;
            self.queue.push_back(path.clone());
        }
        Ok(Some(format!("{}{fragment}", pointer::to_fragment(&pointer::join_all("", &[BUNDLED, &path])))))
    }

    fn load(&self, path: &str) -> Result<Value, Finding> {
        let place = pointer::join_all("", &[BUNDLED, path]);
        let full = inside(self.folder, path).map_err(|code| Finding::refused(code, place.clone(), path))?;
        let bytes = std::fs::read(full)
            .map_err(|e| Finding::refused(SpecCode::FileUnreadable, place.clone(), &format!("{path}: {e}")))?;
        let text = read::text_of(&bytes, self.limits).map_err(|f| Finding { pointer: place.clone(), ..f })?;
        let format = Format::detect(text.0);
        read::tree(text.0, format, self.limits)
            .map(|(tree, _)| tree)
            .map_err(|f| Finding { pointer: format!("{place}{}", f.pointer), ..f })
    }
}

/// `path` relative to `base`, without `.` and `..`; `None` when it leaves the folder or is absolute.
fn normal(base: &Path, path: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let joined = base.join(path);
    for component in joined.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!path.contains('\\')).then(|| parts.join("/"))
}

/// The real path of a file below `folder`; symbolic links may not lead out.
pub(crate) fn inside(folder: &Path, path: &str) -> Result<PathBuf, SpecCode> {
    let root = folder.canonicalize().map_err(|_| SpecCode::FileUnreadable)?;
    let full = root.join(path).canonicalize().map_err(|_| SpecCode::RefUnresolved)?;
    if full.starts_with(&root) { Ok(full) } else { Err(SpecCode::FileSymlink) }
}
