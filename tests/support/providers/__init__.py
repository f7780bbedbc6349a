"""Loopback servers that speak the wire formats of real model providers, as a script tells them to."""
