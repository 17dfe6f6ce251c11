//! Stories: what people do and get, told over HTTP and by text, on SQLite in memory, SQLite in a file and PostgreSQL.

mod answers;
mod api;
mod calling;
mod competition;
mod intake;
mod manager;
mod studio;
