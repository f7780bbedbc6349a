import re
import subprocess
from urllib.parse import urlsplit, urlunsplit

from support.snapshots import REPOSITORY, Snapshot

from cairn.platform.database import DatabaseUrls
from cairn.platform.postgres.programs import bundled_programs

_NOISE = re.compile(r"--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*")


def _dump(url: str) -> str:
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    command = [bundled_programs().path("pg_dump"), "--schema-only", "--no-owner", "--exclude-table=*yoyo*", bare]
    environment = {"PGPASSWORD": parts.password or ""}
    dumped = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603
    lines = [line for line in dumped.stdout.splitlines() if not _NOISE.fullmatch(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def test_the_migrations_make_the_schema_that_was_reviewed(
    fresh_database_urls: DatabaseUrls, snapshot: Snapshot
) -> None:
    snapshot(REPOSITORY / "migrations" / "schema.sql", _dump(fresh_database_urls.owner))
