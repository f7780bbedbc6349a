"""Ports for servers of tests."""

import errno
import random
import socket

# Below the range that Linux, macOS and Windows take the near ends of connections from: there, a port that is free now
# may be some connection's a moment later, when the server is told to listen.
_FIRST, _LAST = 15_000, 32_000
_TRIES = 1000


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that no connection will take."""
    for _ in range(_TRIES):
        port = random.randrange(_FIRST, _LAST)  # noqa: S311 - not a secret.
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
        return port
    raise RuntimeError(f"No port between {_FIRST} and {_LAST} is free.")
