//! Placeholder head, written by its owner in the next commit.
