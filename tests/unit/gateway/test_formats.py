import re
from pathlib import Path

import pytest
from support.snapshots import REPOSITORY

from cairn.gateway.domain.capabilities import Capability
from cairn.gateway.domain.providers import ProviderKind
from cairn.gateway.formats.operator import read_operator_providers

FILE = """
[[provider]]
name = "ollama"
kind = "openai_compatible"
base_url = "http://localhost:11434/v1"
models = ["llama3.3"]

[[provider]]
name = "claude"
kind = "anthropic"
models = ["claude-sonnet-5-5"]
key_env = "MY_KEY"
"""


def write(home: Path, text: str, mode: int = 0o600) -> None:
    path = home / "providers.toml"
    path.write_text(text)
    path.chmod(mode)


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, FILE, 0o644)
    found = read_operator_providers(tmp_path, {"MY_KEY": "sk-1"})
    assert found.problems == ()
    ollama, claude = found.providers
    assert (ollama.kind, ollama.url, ollama.key) == (ProviderKind.OPENAI_COMPATIBLE, "http://localhost:11434/v1", "")
    assert (claude.kind, claude.url, claude.key) == (ProviderKind.ANTHROPIC, "https://api.anthropic.com", "sk-1")
    assert ollama.from_file
    assert read_operator_providers(tmp_path, {"MY_KEY": "sk-1"}).providers[0].id == ollama.id


def test_the_readme_shows_a_file_that_works(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(\[\[provider\]\].*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    write(tmp_path, shown)
    found = read_operator_providers(tmp_path, {"ANTHROPIC_API_KEY": "sk-1"})
    assert found.problems == ()
    assert [provider.name for provider in found.providers] == ["anthropic", "local"]


def test_what_models_take_is_read(tmp_path: Path) -> None:
    write(tmp_path, FILE.replace('models = ["llama3.3"]', 'models = ["llama3.3"]\ntakes = { "llama3.3" = ["tools"] }'))
    provider = read_operator_providers(tmp_path, {"MY_KEY": "sk-1"}).providers[0]
    assert provider.takes == (("llama3.3", frozenset({Capability.TOOLS})),)


@pytest.mark.parametrize(
    ("takes", "said"),
    [('{ "other" = [] }', "takes names 'other', which is none of its models"), ('{ "llama3.3" = ["smell"] }', "smell")],
)
def test_what_models_cannot_take_is_told(tmp_path: Path, takes: str, said: str) -> None:
    write(tmp_path, FILE.replace('models = ["llama3.3"]', f'models = ["llama3.3"]\ntakes = {takes}'))
    found = read_operator_providers(tmp_path, {"MY_KEY": "sk-1"})
    (problem,) = found.problems
    assert said in problem
    assert "provider 1" in problem


def test_a_key_is_never_in_a_repr(tmp_path: Path) -> None:
    write(tmp_path, FILE)
    assert "sk-1" not in repr(read_operator_providers(tmp_path, {"MY_KEY": "sk-1"}))


def test_the_variables_alone_make_providers(tmp_path: Path) -> None:
    found = read_operator_providers(tmp_path, {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "b"})
    assert [provider.name for provider in found.providers] == ["anthropic", "openai"]
    assert all(provider.models for provider in found.providers)


def test_nothing_is_configured_without_file_and_variables(tmp_path: Path) -> None:
    assert read_operator_providers(tmp_path, {}).providers == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[provider]\n", "is not TOML"),
        ("provider = 3\n", "tables only"),
        ("[server]\n", "tables only"),
        (FILE.replace('"openai_compatible"', '"palm"'), "provider 1: Invalid enum value 'palm'"),
        (FILE.replace("name =", "nmae =", 1), "provider 1: Object contains unknown field `nmae`"),
        (FILE.replace('"http://localhost:11434/v1"', '"ftp://x"'), "provider 1: The address must begin with"),
        (FILE.replace('"ollama"', '"quotes"'), "provider 1: A provider's name"),
        (FILE.replace('"ollama"', '"claude"'), "provider 2: the name 'claude' is there twice"),
        (FILE.replace('"MY_KEY"', '"NO_KEY"'), "provider 2: the variable NO_KEY is not set"),
    ],
)
def test_a_problem_names_its_place_and_the_rest_counts(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, text)
    found = read_operator_providers(tmp_path, {"MY_KEY": "sk-1"})
    assert len(found.problems) == 1
    assert problem in found.problems[0]
    assert len(found.providers) == (1 if "provider 1" in problem or "provider 2" in problem else 0)


def test_a_file_with_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path, FILE.replace('key_env = "MY_KEY"', 'key = "sk-1"'), 0o644)
    found = read_operator_providers(tmp_path, {})
    assert "chmod 600" in found.problems[0]
    assert "sk-1" not in found.problems[0]
