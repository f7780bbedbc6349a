"""The embedded Postgres: its programs, its operating-system user, its cluster and its server process."""
