//! The compiled, immutable form of all that a gateway needs: units, digest, delta, file format.
