from pathlib import Path

import pytest

from cairn.kernel.errors import InvalidArgument
from cairn.platform.settings import DEFAULT_PORT, ProcessSettings, Settings

URL = "postgresql://cairn:hidden-word@127.0.0.1:5432/cairn"


def test_the_home_is_the_data_folder_of_the_desktop_standard(tmp_path: Path) -> None:
    assert Settings.from_environment({"XDG_DATA_HOME": str(tmp_path)}).home == tmp_path / "cairn"
    assert Settings.from_environment({"XDG_DATA_HOME": "relative"}).home == Path.home() / ".local/share/cairn"
    assert Settings.from_environment({"CAIRN_HOME": "~/there"}).home == Path.home() / "there"


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.from_environment({})
    assert (settings.port, settings.database_url) == (DEFAULT_PORT, None)


@pytest.mark.parametrize("port", ["0", "65536", "seven", "-1", "1e3", "²"])
def test_a_bad_port_names_its_variable_and_what_is_allowed(port: str) -> None:
    with pytest.raises(InvalidArgument, match=r"CAIRN_PORT is .* from 1 to 65535"):
        Settings.from_environment({"CAIRN_PORT": port})


@pytest.mark.parametrize(
    "url",
    ["mysql://a:hidden-word@b/c", "postgresql://hidden-word@host", "hidden-word", "postgres://a:b@c:hidden-word/d"],
)
def test_a_bad_database_url_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidArgument, match="CAIRN_DATABASE_URL") as raised:
        Settings.from_environment({"CAIRN_DATABASE_URL": url})
    assert "hidden-word" not in raised.value.message


@pytest.mark.parametrize("model", ["small", "/small", "openai/"])
def test_a_bad_embedding_model_names_its_variable_and_what_is_allowed(model: str) -> None:
    with pytest.raises(InvalidArgument, match=r"CAIRN_EMBEDDING_MODEL is .* write provider/model"):
        Settings.from_environment({"CAIRN_EMBEDDING_MODEL": model})


@pytest.mark.parametrize("name", ["small", "model:small", "a/b/c", "https://example.org/x"])
def test_a_bad_reranker_names_its_variable_and_what_is_allowed(name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"CAIRN_RERANKER is .* write a folder's path"):
        Settings.from_environment({"CAIRN_RERANKER": name})


@pytest.mark.parametrize("name", ["", "/srv/models/x", "~/x", "./x", "org/model-v1.5", "model:openai/gpt-4.1:mini"])
def test_a_reranker_is_a_folder_a_hub_id_or_a_providers_model(name: str) -> None:
    assert Settings.from_environment({"CAIRN_RERANKER": name}).reranker == name


def test_a_process_reads_what_its_supervisor_wrote(tmp_path: Path) -> None:
    settings = ProcessSettings(
        home=tmp_path, port=81, app_database_url=URL, bus_database_url=URL + "2", embedding_model="a/b", reranker="c/d"
    )
    assert ProcessSettings.from_environment(settings.to_environment()) == settings


def test_a_process_started_without_its_supervisor_says_so() -> None:
    with pytest.raises(InvalidArgument, match="CAIRN_BUS_DATABASE_URL is not set"):
        ProcessSettings.from_environment({"CAIRN_APP_DATABASE_URL": URL})
