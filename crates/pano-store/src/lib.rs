//! Repository traits and the unit of work. Speaks intent, knows no SQL.
