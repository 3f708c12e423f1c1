//! Progress bars on long work; nothing when nobody watches.

use crate::output;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar with a caption; its length is set as it becomes known.
pub fn bar(caption: &'static str) -> ProgressBar {
    if !output::interactive() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0).with_message(caption);
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
