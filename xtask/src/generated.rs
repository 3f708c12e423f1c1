//! Generated files are committed; a check makes them again and refuses a difference.
//!
//! To add one: write the function that renders it in the crate that owns the truth, and add a row to [`FILES`].

use crate::Finding;
use anyhow::{Context, Result};
use pano_types::problem::Code;
use pano_types::text::Lang;
use std::fmt::Write as _;
use std::path::Path;

/// Renders a file's text.
type Render = fn() -> Result<String>;

/// Every generated file: where it stands, and what renders it.
pub(crate) const FILES: &[(&str, Render)] = &[("docs/errors.md", errors)];

/// Writes all of them.
pub(crate) fn write(root: &Path) -> Result<()> {
    for (file, render) in FILES {
        let path = root.join(file);
        let text = render().with_context(|| format!("{file} could not be rendered"))?;
        path.parent().map_or(Ok(()), std::fs::create_dir_all).with_context(|| format!("{file} has no folder"))?;
        std::fs::write(&path, text).with_context(|| format!("{file} could not be written"))?;
    }
    Ok(())
}

/// Compares all of them with what stands.
pub(crate) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (file, render) in FILES {
        let wanted = render().with_context(|| format!("{file} could not be rendered"))?;
        let stands = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        findings.extend(difference(file, &stands, &wanted));
    }
    Ok(findings)
}

fn difference(file: &str, stands: &str, wanted: &str) -> Option<Finding> {
    if stands == wanted {
        return None;
    }
    let same = stands.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    Some(Finding::new(
        format!("{file}:{}", same + 1),
        "is out of date: run `cargo run -p xtask -- generate` and commit the result",
    ))
}

/// The catalogue of problem codes, from [`Code::ALL`].
fn errors() -> Result<String> {
    let mut text = String::from(
        "<!-- Written by `cargo run -p xtask -- generate` from pano_types::problem; edit the table there. -->\n\n\
         # Problem codes\n\n\
         Every refusal of Panorama is an `application/problem+json` body (RFC 9457) with a stable `code`, its HTTP `status`, a `title`\n\
         and a `remedy` in the language of `Accept-Language` (`en` or `zh`), and a `trace_id`. A code keeps its meaning for good; the texts may\n\
         improve. The token endpoint answers in OAuth's own form (RFC 6749, section 5.2) instead.\n",
    );
    for &code in Code::ALL {
        write!(
            text,
            "\n## {}\n\nStatus {}. {}. {}\n\n{}。{}\n",
            code.text(),
            code.status(),
            code.title(Lang::En),
            code.remedy(Lang::En),
            code.title(Lang::Zh),
            code.remedy(Lang::Zh),
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_heading() {
        let text = errors().unwrap();
        assert!(Code::ALL.iter().all(|code| text.contains(&format!("\n## {}\n", code.text()))));
    }

    #[test]
    fn a_stale_file_is_refused_at_the_first_line_that_differs() {
        assert_eq!(difference("f.md", "a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("f.md", "a\nb\n", "a\nc\n").unwrap().place, "f.md:2");
        assert_eq!(difference("f.md", "", "a\n").unwrap().place, "f.md:1");
    }
}
