"""Ask adr-viewer: its own parser for each file that its command line would take."""

import json
import sys
from pathlib import Path

from adr_viewer.parse import parse_adr

said = {}
for file in sorted((Path(sys.argv[1]) / "docs/adr").glob("*.md")):
    found = parse_adr(file.read_text(encoding="utf-8"))
    if found:
        said[file.name] = {"title": found.title, "status": found.status}
print(json.dumps(said))
