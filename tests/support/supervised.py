"""`cairn`, with the processes of this folder in place of the server and the worker, and without the sample log."""

from cairn.entrypoints.cli import main
from cairn.entrypoints.supervise import MODULES
from cairn.platform.settings import Settings

if __name__ == "__main__":
    MODULES.update(server="support.writing_server", worker="support.waiting_worker")
    (Settings.from_environment().home / "sample-offered").touch()
    main()
