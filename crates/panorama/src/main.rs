//! `panorama`: see the library's head for what is where.

use clap::Parser as _;
use std::process::ExitCode;

// The gateway allocates a little for every request; this allocator does it in half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match panorama::run(panorama::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            for cause in error.chain().skip(1) {
                let cause = cause.to_string();
                if !text.contains(&cause) {
                    text.push_str(&format!("\n  because: {cause}"));
                }
            }
            panorama::output::note(&format!("panorama: {text}"));
            ExitCode::FAILURE
        }
    }
}
