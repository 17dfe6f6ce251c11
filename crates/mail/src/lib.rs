//! A booking mail's bytes to what is asked for, and what is doubtful in it.
