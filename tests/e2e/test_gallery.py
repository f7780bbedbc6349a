"""The pictures in docs/screens, of records that people work with; made with `CAIRN_SCREENSHOTS=1`."""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.site import SCREENS, Site
from e2e.test_everywhere import PAGES, settle

OpenPage = Callable[..., Page]
DESKTOP = (1440, 900)
PHONE = (390, 844)
QUESTION = "Why does one manifest take every seat?"
REVIEW = "decisions.v1.ReviewService"
LIFECYCLE = "decisions.v1.LifecycleService"
VERSIONS = "decisions.v1.VersionsService"
CURATION = "decisions.v1.CurationService"
# Made in both sizes and both themes.
SHOWN = ("list", "board", "record", "edit", "graph", "timeline", "search", "home", "report", "history", "public-record")
# Made light on a desktop and dark on a phone.
BESIDES = (
    ("superseded", PAGES["superseded"]),
    ("import", "/import"),
    ("inbox", "/inbox"),
    ("governs", "/governs?paths=services/manifest/seats.py%0Aservices/fares/quote.py%0Aweb/boarding.ts"),
    ("doctor", "/doctor"),
    ("conversations", "/ask"),
    ("new", "/decisions/new?log=tidewater"),
    ("log-settings", "/logs/tidewater"),
    ("people", "/settings/people"),
    ("tokens", "/settings/tokens"),
    ("jobs", "/settings/jobs"),
    ("models", "/settings/models"),
    ("spending", "/settings/spending"),
    ("public-log", "/public/tidewater"),
    ("failure", "/decisions?log=tidewater"),
    ("palette", "/decisions/ADR-0012"),
    ("keys", "/decisions/ADR-0012"),
)
# How many days from today each is to be reviewed.
DUE = {"0009": -6, "0007": 8, "0012": 17, "0010": 26, "0018": 40, "0015": 44, "0020": 66}
# What each governs.
GOVERNS = {
    "0007": ["services/agents/**"],
    "0012": ["services/manifest/**"],
    "0015": ["services/fares/**", "libraries/money/**"],
    "0016": ["services/fares/**"],
    "0018": ["services/timetable/**"],
}
ORDERS = """## Context

A sailing order tells a ship what to do. Whoever can write one can send a ferry out.

## Decision

Every order carries a signature over its words and the time at which it was sent, made with a key of one ship.

{keys}

A ship that refuses three orders in a row is called by telephone.

## Consequences

The harbour master keeps the list of keys. See [the manifest](0012-one-manifest-takes-every-seat.md).
"""
KEYS = (
    "Keys are changed when a captain asks.",
    "Keys are changed when a captain asks, and the old key is revoked at once.",
    "Keys are changed every 30 days and whenever a captain asks, and the old key stays valid for 48 hours.",
)


@pytest.fixture(scope="module")
def lived_in(site: Site, reviewer: Site) -> Iterator[dict[str, Any]]:
    """Reviews that are due, a proposal that was changed after its approval, a discussion, a view that is kept."""
    log = site.log("tidewater")
    me = site.call("tenancy.v1.TenancyService", "GetSession")["personId"]
    today = datetime.now(UTC).date()
    owners = [me, reviewer.call("tenancy.v1.TenancyService", "GetSession")["personId"]]
    for place, (number, days) in enumerate(DUE.items()):
        decision = site.decision(f"ADR-{number}")["summary"]["id"]
        site.call(REVIEW, "SetReview", decisionId=decision, reviewOn=(today + timedelta(days)).isoformat())
        site.call(REVIEW, "SetOwner", decisionId=decision, personId=owners[place % 2])
    edits = [
        site.call(
            CURATION,
            "BulkEdit",
            decisionIds=[site.decision(f"ADR-{number}")["summary"]["id"]],
            addScope={"paths": paths},
            message="Say what it governs",
        )["id"]
        for number, paths in GOVERNS.items()
    ]
    site.call(LIFECYCLE, "SetLogPolicy", policy={"logId": log["id"], "requiredApprovals": 2})
    order = reviewer.create("Sign sailing orders with keys that change", ORDERS.format(keys=KEYS[0]))
    scope = {"paths": ["services/orders/**"]}
    order = reviewer.update(order, body=ORDERS.format(keys=KEYS[1]), scope=scope, tags=["security", "orders"])
    identity = order["summary"]["id"]
    site.call(LIFECYCLE, "ApproveDecision", decisionId=identity, version=order["summary"]["version"])
    order = reviewer.update(order, body=ORDERS.format(keys=KEYS[2]), scope=scope, tags=["security", "orders", "keys"])
    words = {"firstLine": 9, "lastLine": 9, "body": "Are 48 hours enough for a ship that is out for three days?"}
    reviewer.call(VERSIONS, "AddComment", decisionId=identity, **words)
    view = {"name": "Security, open", "statuses": ["STATUS_DRAFT", "STATUS_PROPOSED"], "tags": ["security"]}
    kept = site.call(CURATION, "SaveFilter", filter=view)["filter"]
    site.call("decisions.v1.PublishingService", "PublishLog", logId=log["id"], whole=True)
    yield order
    site.call(CURATION, "DeleteFilter", id=kept["id"])
    for edit in edits:
        site.call(CURATION, "UndoBulkEdit", id=edit)
    site.call(LIFECYCLE, "SetLogPolicy", policy={"logId": log["id"]})
    site.call("decisions.v1.PublishingService", "WithdrawLog", logId=log["id"])
    for number in DUE:
        decision = site.decision(f"ADR-{number}")["summary"]["id"]
        site.call(REVIEW, "SetReview", decisionId=decision, reviewOn="")
        site.call(REVIEW, "SetOwner", decisionId=decision, personId="")
    site.delete(site.decision(identity))


def _smaller(png: bytes) -> bytes:
    """The same picture, with its data packed as small as zlib can; the browser packs for speed."""
    chunks: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += length + 12
    packed = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9)
    first = next(place for place, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    kept = [one for one in chunks if one[0] != b"IDAT"]
    kept.insert(first, (b"IDAT", packed))
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in kept
    )


def _picture(page: Page, name: str, size: tuple[int, int], *, dark: bool) -> None:
    device = "phone" if size == PHONE else "desktop"
    path = SCREENS / f"{name}-{device}{'-dark' if dark else ''}.png"
    path.write_bytes(_smaller(page.screenshot(animations="disabled", caret="hide")))


def _show(page: Page, name: str) -> None:
    """What a picture needs besides its page."""
    if name == "failure":
        refusal = (
            '{"code":"unavailable","message":"Postgres is being restarted; nothing is lost. Try again in a moment."}'
        )
        page.route(
            "**/ListDecisions*", lambda route: route.fulfill(status=500, content_type="application/json", body=refusal)
        )
        page.reload()
        expect(page.get_by_role("alert")).to_be_visible()
    elif name == "palette":
        page.keyboard.press("Control+k")
        palette = page.get_by_role("dialog", name="Go to")
        palette.get_by_role("combobox").fill("seat")
        expect(palette.get_by_role("option", selected=True)).to_contain_text("seat")
        page.wait_for_load_state("networkidle")
    elif name == "keys":
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    else:
        page.evaluate("document.activeElement?.blur()")


@pytest.mark.skipif(os.environ.get("CAIRN_SCREENSHOTS") != "1", reason="The pictures are made with CAIRN_SCREENSHOTS=1")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pictures_are_made(
    open_page: OpenPage,
    site: Site,
    lived_in: dict[str, Any],
    size: tuple[int, int],
    dark: bool,  # noqa: FBT001 - parametrized.
) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    # The pictures show what these records hold, not what other tests asked.
    chat = "chat.v1.ChatService"
    for conversation in site.call(chat, "ListConversations").get("conversations", []):
        site.call(chat, "DeleteConversation", id=conversation["id"])
    _picture_answer(open_page, size, dark=dark)
    order = lived_in["summary"]["id"]
    places = PAGES | {
        "history": f"/decisions/{order}/history?a=2&b=3",
        "public-record": "/public/tidewater/adr-0012",
    }
    shown = [(name, places[name]) for name in SHOWN]
    for name, path in [*shown, *(BESIDES if (size == PHONE) == dark else ())]:
        page = open_page(path, size=size, dark=dark, touch=size == PHONE)
        settle(page, name)
        _show(page, name)
        _picture(page, name, size, dark=dark)
        page.context.close()


def _picture_answer(open_page: OpenPage, size: tuple[int, int], *, dark: bool) -> None:
    page = open_page("/ask", size=size, dark=dark, touch=size == PHONE)
    page.get_by_label("Model").select_option("harbour/harbour-waits")
    page.get_by_role("textbox").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("rare enough to ignore")
    marker = page.locator("a.cite").nth(2)
    if size == PHONE:
        marker.tap()
    else:
        marker.hover()
    expect(page.get_by_role("dialog", name="Source 2")).to_be_visible()
    _picture(page, "answer", size, dark=dark)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
