import base64

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cairn.gateway.domain.sizes import measure

PNG = base64.b64encode(bytes.fromhex("89504e470d0a1a0a") + bytes(range(256)) * 400)
PDF = base64.b64encode(b"%PDF-1.7" + bytes(range(256)) * 400)


@given(st.text())
def test_a_text_has_no_more_tokens_than_bytes(text: str) -> None:
    size = measure(msgspec.json.encode({"messages": [{"role": "user", "content": text}]}))
    assert size.tokens_most >= len(text.encode())


def test_a_picture_is_not_counted_by_its_bytes() -> None:
    size = measure(b'{"data": "%b"}' % PNG)
    assert 8_000 <= size.tokens_most <= 8_200
    assert size.characters < 10_000


def test_a_document_may_be_all_text() -> None:
    assert measure(b'{"data": "%b"}' % PDF).tokens_most >= len(PDF)


def test_what_is_elsewhere_is_counted_too() -> None:
    size = measure(b'{"image_url": {"url": "https://example.org/a.png"}}')
    assert 8_000 <= size.tokens_most <= 8_200


def test_tools_are_taught_at_the_callers_expense() -> None:
    assert measure(b'{"tools": []}').tokens_most >= 1_000
