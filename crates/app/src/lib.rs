//! First Call.
