import tomllib

from support.snapshots import REPOSITORY

from cairn import __version__


def test_the_package_and_its_metadata_agree_on_the_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
