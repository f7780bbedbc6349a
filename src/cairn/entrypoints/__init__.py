"""Composition roots: the server, the worker and the command line. All wiring is here."""
