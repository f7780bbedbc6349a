"""Cairn, the decision platform for software teams."""
