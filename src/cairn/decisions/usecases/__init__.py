"""The verbs of the decisions slice, one function each."""
