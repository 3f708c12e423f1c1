//! OAuth grants and tokens as pure state machines.
