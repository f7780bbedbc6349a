"""Shared technical ground: database sessions, outbox, bus, egress, secrets, settings."""
