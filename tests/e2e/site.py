"""The running Cairn as a test sees it: its address and a few calls that no page is needed for."""

import base64
import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent.parent
RECORDS = Path(__file__).parent / "records"
SCREENS = REPOSITORY / "docs" / "screens"
AXE = REPOSITORY / "web" / "node_modules" / "axe-core" / "axe.min.js"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """Calls RPCs as JSON, which every Connect server answers."""

    url: str
    home: Path
    # Of another person than the machine's owner.
    token: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that say who asks."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def call(self, service: str, method: str, **request: Any) -> dict[str, Any]:
        """Call `cairn.SERVICE/METHOD`, for example `call("decisions.v1.DecisionsService", "GetDecision", ref="12")`."""
        message = urllib.request.Request(  # noqa: S310 - our own server on loopback.
            f"{self.url}/cairn.{service}/{method}",
            data=json.dumps(request).encode(),
            headers={"Content-Type": "application/json", **self.credentials},
        )
        with urllib.request.urlopen(message, timeout=30) as response:  # noqa: S310 - as above.
            return json.load(response)

    def call_until(
        self, service: str, method: str, holds: Callable[[dict[str, Any]], bool], **request: Any
    ) -> dict[str, Any]:
        """Read again and again until `holds`; for what no page shows and no stream tells. Fails after 20 s."""
        deadline = time.monotonic() + 20
        while not holds(answer := self.call(service, method, **request)):
            assert time.monotonic() < deadline, answer
        return answer

    def decision(self, ref: str) -> dict[str, Any]:
        """Read a decision."""
        return self.call("decisions.v1.DecisionsService", "GetDecision", ref=ref)["decision"]

    def log(self, slug: str) -> dict[str, Any]:
        """Read a log by its slug; make it where there is none."""
        service = "decisions.v1.DecisionsService"
        logs = self.call(service, "ListLogs").get("logs", [])
        found = [log for log in logs if log["slug"] == slug]
        return found[0] if found else self.call(service, "CreateLog", slug=slug, name=slug)["log"]

    def create(
        self, title: str, body: str = "## Context\n\nNone.\n", *, log: str = "tidewater", status: str = "PROPOSED"
    ) -> dict[str, Any]:
        """Write a decision of a test's own."""
        content = {"title": title, "status": f"STATUS_{status}", "body": body}
        made = self.call("decisions.v1.DecisionsService", "CreateDecision", logId=self.log(log)["id"], content=content)
        return made["decision"]

    def update(self, decision: dict[str, Any], **content: Any) -> dict[str, Any]:
        """Append a version to a decision, on top of the one given."""
        summary = decision["summary"]
        kept = {"title": summary["title"], "status": summary["status"], "body": decision["body"]}
        return self.call(
            "decisions.v1.DecisionsService",
            "UpdateDecision",
            id=summary["id"],
            expectedVersion=summary["version"],
            content=kept | content,
        )["decision"]

    def delete(self, decision: dict[str, Any]) -> None:
        """Delete a decision of a test's own, so that lists and screenshots stay as they are."""
        self.call("decisions.v1.DecisionsService", "DeleteDecision", id=decision["summary"]["id"])

    def import_records(self, log_slug: str, source: str) -> None:
        """Import the invented records, named as if they came from `source`."""
        service = "decisions.v1.DecisionsService"
        import_id = self.call(service, "StartImport", logSlug=log_slug, source=source)["import"]["id"]
        files = [
            {"path": path.name, "content": base64.b64encode(path.read_bytes()).decode()}
            for path in sorted(RECORDS.glob("*.md"))
        ]
        self.call(service, "ImportFiles", importId=import_id, files=files)
        self.call(service, "FinishImport", importId=import_id)

    def wait_until_findable(self) -> None:
        """Return once every record can be found by words and by meaning: the stream ends then."""
        body = b"{}"
        envelope = b"\x00" + len(body).to_bytes(4, "big") + body
        message = urllib.request.Request(  # noqa: S310 - our own server on loopback.
            f"{self.url}/cairn.search.v1.SearchService/WatchIndexState",
            data=envelope,
            headers={"Content-Type": "application/connect+json"},
        )
        with urllib.request.urlopen(message, timeout=100) as response:  # noqa: S310 - as above.
            response.read()

    def add_provider(self, name: str, base_url: str, key: str, models: list[str]) -> None:
        """Connect a provider that speaks OpenAI's wire format."""
        kind = "PROVIDER_KIND_OPENAI_COMPATIBLE"
        self.call(
            "gateway.v1.GatewayService", "SaveProvider", name=name, kind=kind, baseUrl=base_url, key=key, models=models
        )
