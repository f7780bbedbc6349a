"""`cairn`, with the processes of this folder in place of the server and the worker."""

from cairn.entrypoints.cli import main
from cairn.entrypoints.supervise import MODULES

if __name__ == "__main__":
    MODULES.update(server="support.writing_server", worker="support.waiting_worker")
    main()
