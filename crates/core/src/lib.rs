//! The rules of a booking, pure: planning, ranking, calling, answers, wording.
