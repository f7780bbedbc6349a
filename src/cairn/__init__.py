"""Cairn: the decision platform for software teams."""

__version__ = "0.1.0"
