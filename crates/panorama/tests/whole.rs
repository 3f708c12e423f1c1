//! The whole program, as its users run it: real processes, real sockets, real kills. One binary, for each costs a link.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it saw"
)]

#[path = "whole/every_operation/test.rs"]
mod every_operation;
#[path = "whole/first_day.rs"]
mod first_day;
#[path = "whole/journey.rs"]
mod journey;
#[path = "whole/kill.rs"]
mod kill;
#[path = "whole/load.rs"]
mod load;
#[path = "whole/many.rs"]
mod many;
#[path = "whole/private.rs"]
mod private;
#[path = "whole/process.rs"]
mod process;
#[path = "whole/scale.rs"]
mod scale;
#[path = "whole/schema.rs"]
mod schema;
#[path = "whole/secured.rs"]
mod secured;
#[path = "whole/terminal.rs"]
mod terminal;
