//! The database: SQLite with group commit, or PostgreSQL, behind one SQL text per query.
