"""Tenancy: organisations, people, roles and tokens."""
