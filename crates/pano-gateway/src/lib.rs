//! The data plane: partners' calls in, upstream calls out, one access record each. Opens no database.
