//! Double-entry accounts and postings: every transaction balances, or it does not exist.
