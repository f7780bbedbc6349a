"""In-memory adapters. Each passes the same conformance test as the real one."""
