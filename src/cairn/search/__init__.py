"""Search: passages of decisions, found by words, by meaning, or both."""
