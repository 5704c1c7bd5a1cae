//! From files to [`Flows`], or to everything that is wrong with them.
