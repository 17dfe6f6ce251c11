//! A session as an iCalendar file, or as the calendar part of an invitation (RFC 5545, and RFC 5546 for methods).
