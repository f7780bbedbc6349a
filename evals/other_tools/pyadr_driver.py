"""Ask pyadr: what its table of contents is made of. A file that lacks a field as pyadr writes it is an error to it."""

import json
import sys
from pathlib import Path

from pyadr.content_utils import adr_title_status_and_date_from_file
from pyadr.exceptions import PyadrError

said = {}
for file in sorted((Path(sys.argv[1]) / "docs/adr").glob("*.md")):
    try:
        title, (status, _), date = adr_title_status_and_date_from_file(file)
    except PyadrError:
        continue
    said[file.name] = {"title": title, "status": status, "date": date}
print(json.dumps(said))
