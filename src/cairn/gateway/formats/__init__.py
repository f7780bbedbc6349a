"""Files that the gateway reads: providers of the operator, and the table of models."""
