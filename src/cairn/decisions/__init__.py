"""Decisions: records, append-only versions, logs, and moving them in and out as files."""
