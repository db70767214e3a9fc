//! Nothing is here but the tests of the folder above, in the edition before.
