"""Generations as tasks of the server process."""
