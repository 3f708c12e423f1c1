//! The whole program, as its users run it: real processes, real sockets, real kills. One binary, for each costs a link.

#[path = "whole/kill.rs"]
mod kill;
#[path = "whole/load.rs"]
mod load;
#[path = "whole/process.rs"]
mod process;
#[path = "whole/terminal.rs"]
mod terminal;
