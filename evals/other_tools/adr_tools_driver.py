"""Ask adr-tools-python: the records it lists. It reads nothing out of them."""

import json
import os
import sys

from adr_func import adr_list

os.chdir(sys.argv[1])
print(json.dumps({os.path.basename(path): {} for path in adr_list(os.getcwd())}))  # noqa: PTH109, PTH119 - its own type
