from dataclasses import replace
from uuid import UUID

import pytest

from cairn.gateway.domain.failures import ModelNotFound
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind, check_provider, list_models
from cairn.gateway.domain.routing import Target, find_route
from cairn.kernel.errors import InvalidArgument

OPENAI = ProviderConfig(UUID(int=1), ProviderKind.OPENAI, "openai", "", ("gpt/a", "b"), key="sk-1")


def test_models_are_named_by_their_provider_and_quotes_is_always_there() -> None:
    assert [(model.name, model.default) for model in list_models([OPENAI])] == [
        ("openai/gpt/a", True),
        ("openai/b", False),
        ("quotes", False),
    ]
    assert [(model.name, model.default) for model in list_models([])] == [("quotes", True)]


def test_a_model_is_found_by_its_name() -> None:
    assert find_route([OPENAI], [], "openai/gpt/a").targets == (Target(OPENAI, "gpt/a"),)
    assert find_route([OPENAI], [], "b").targets == (Target(OPENAI, "b"),)
    for unknown in ("openai/c", "a", "other/b", "quotes"):
        with pytest.raises(ModelNotFound):
            find_route([OPENAI], [], unknown)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Open AI"}, "name"),
        ({"name": "quotes"}, "name"),
        ({"models": ()}, "models"),
        ({"models": ("a", "a")}, "models"),
        ({"models": ("a b",)}, "models"),
        ({"key": "sk-\n1"}, "key"),
        ({"key": "x" * 1001}, "key"),
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://user:pass@host"}, "base_url"),
        ({"base_url": "https://host:99999"}, "base_url"),
        ({"base_url": "https://host/?key=1"}, "base_url"),
        ({"kind": ProviderKind.OPENAI_COMPATIBLE}, "base_url"),
    ],
)
def test_what_cannot_work_is_refused_by_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        check_provider(replace(OPENAI, **change), private_allowed=True)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "https://127.0.0.1", "https://10.0.0.7/v1", "http://localhost:1/v1"]
)
def test_the_page_of_a_shared_server_may_name_public_addresses_only(url: str) -> None:
    check_provider(replace(OPENAI, base_url=url), private_allowed=True)
    with pytest.raises(InvalidArgument, match="public https"):
        check_provider(replace(OPENAI, base_url=url), private_allowed=False)


def test_a_key_is_never_in_a_repr() -> None:
    assert "sk-1" not in repr(OPENAI)
