from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.decisions.domain import Content, Ref, Status, check_content, parse_ref, slugify
from cairn.decisions.usecases.transfer import name_log
from cairn.kernel.errors import InvalidArgument

CONTENT = Content(title="Use a queue", status=Status.PROPOSED, body="Because.")


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("ADR-0012", Ref("", prefix="ADR", number=12)),
        ("adr12", Ref("", prefix="adr", number=12)),
        ("0012", Ref("", number=12)),
        ("#12", Ref("", number=12)),
        (" 12 ", Ref("", number=12)),
        ("billing/ADR-12", Ref("billing", prefix="ADR", number=12)),
        ("use-a-queue", Ref("", slug="use-a-queue")),
        ("billing/Use-a-Queue", Ref("billing", slug="use-a-queue")),
    ],
)
def test_people_name_decisions_in_many_ways(text: str, ref: Ref) -> None:
    assert parse_ref(text) == ref


def test_an_id_needs_no_log() -> None:
    id_ = uuid4()
    assert parse_ref(str(id_), "billing") == Ref("", id=id_)


def test_no_name_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        parse_ref("  ")


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTENT, title="Use a bus"),
        replace(CONTENT, status=Status.ACCEPTED),
        replace(CONTENT, body="Because!"),
        replace(CONTENT, decided_on=date(2026, 3, 14)),
        replace(CONTENT, deciders=("Ada",)),
        replace(CONTENT, tags=("Ada",)),
        replace(CONTENT, status_text="Superseded by 12"),
    ],
)
def test_every_field_changes_the_hash(other: Content) -> None:
    assert other.hash() != CONTENT.hash()
    assert replace(other).hash() == other.hash()


def test_content_is_trimmed_and_repeats_are_dropped() -> None:
    content = check_content(replace(CONTENT, title="  Use \n a queue ", tags=("a", " a ", "", "b"), body="\r\nx\r\n"))
    assert (content.title, content.tags, content.body) == ("Use a queue", ("a", "b"), "x")


def test_too_many_tags_are_refused_with_their_number() -> None:
    with pytest.raises(InvalidArgument, match="101 tags"):
        check_content(replace(CONTENT, tags=tuple(map(str, range(101)))))


@given(st.text())
def test_a_slug_is_always_usable_in_an_address(text: str) -> None:
    slug = slugify(text)
    assert slug
    assert len(slug) <= 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("../some-repo/docs/adr", "some-repo"),
        ("/home/ada/billing/docs/decisions/", "billing"),
        ("adr", "adr"),
        ("C:\\work\\shop\\docs", "shop"),
        ("My Records", "my-records"),
        ("...", "decisions"),
    ],
)
def test_a_log_is_named_after_what_tells_its_folder_apart(source: str, name: str) -> None:
    assert name_log(source) == name
