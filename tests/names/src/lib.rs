//! Nothing is here but tests of names, and of code that is strict with what macros write.
