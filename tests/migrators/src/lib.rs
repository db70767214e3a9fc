//! Nothing but tests: apps that migrate when they start find that tdata has done it.
