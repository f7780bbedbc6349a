"""A worker process for tests of the supervisor: it waits until it is told to stop."""

import signal
import sys

if __name__ == "__main__":
    sys.stdout.write("working\n")
    sys.exit(signal.sigwait({signal.SIGTERM}) - signal.SIGTERM)
