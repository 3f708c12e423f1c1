//! The capability library: directory, APIs, versions, lifecycle, identification codes, BIAN mapping.
