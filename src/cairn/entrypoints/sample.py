"""The first start's last step: Cairn's own decisions, imported as the log a newcomer can look at."""

import sys
from pathlib import Path

import click

from cairn.decisions.cli.transfer import import_sample
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import ListLogsRequest
from cairn.platform.client import Connection
from cairn.platform.settings import ProcessSettings

_PACKAGE = Path(__file__).parent.parent


def sample_folder() -> Path:
    """Return where Cairn's own decisions are: in the wheel, or in a checkout's `docs/decisions`."""
    packed = _PACKAGE / "sample_log"
    return packed if packed.is_dir() else _PACKAGE.parent.parent / "docs" / "decisions"


def main() -> None:
    """Import the sample into the server that `cairn up` has just started, unless there is a log already."""
    settings = ProcessSettings.from_environment()
    connection = Connection(f"http://127.0.0.1:{settings.port}")
    with DecisionsServiceClientSync(connection.url) as client:
        if client.list_logs(ListLogsRequest()).logs:
            return
    try:
        import_sample(connection, sample_folder())
    except click.ClickException as error:
        sys.exit(f"The sample log was not imported. {error.message}")


if __name__ == "__main__":
    main()
