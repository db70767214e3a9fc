//! What is said to mistakes in factories.
