"""The wheel carries everything the service needs and nothing else, and works far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tools.repository import ROOT, list_files

pytestmark = pytest.mark.slow

PACKAGES = ("service", "extractors", "transifex_client")


def _run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Return what the command printed; fails with its output where the command does. Knows only a bare environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8", **variables}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the hatchling at hand, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def members(wheel: Path) -> frozenset[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment that holds the wheel and sees the dependencies installed here."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    _run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    # A .pth file adds the folder alone: the checkout, which a .pth file inside that folder names, stays out of sight.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return python.parent


def test_every_file_of_the_packages_is_inside(members: frozenset[str]) -> None:
    """Templates, static files, the sample and the type marker travel with the code."""
    wanted = {str(file) for file in list_files() if file.parts[0] in PACKAGES}
    assert wanted <= members
    for suffix in (".html", ".css", ".yml", ".json", "py.typed"):
        assert any(name.endswith(suffix) for name in members), suffix


def test_migrations_are_inside_the_package_and_never_beside_it(members: frozenset[str]) -> None:
    """A top-level alembic would shadow the library of that name."""
    migrations = {
        f"service/_migrations/{file.relative_to('alembic')}" for file in list_files() if file.parts[0] == "alembic"
    }
    assert migrations
    assert migrations <= members


def test_nothing_else_is_inside(members: frozenset[str]) -> None:
    """Tests, benchmarks and tools stay at home, and so does whatever lay about in the checkout."""
    folders = {name.partition("/")[0] for name in members}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in members if "__pycache__" in name or name.endswith(".pyc")]
    assert any(name.endswith("licenses/LICENSE") for name in members)


def test_the_installed_service_is_not_the_checkout(elsewhere: Path, tmp_path: Path) -> None:
    """What the other tests run is the wheel's code with the wheel's migrations."""
    code = "import service.migrations as m; print(m.__file__); print(m.migrations_folder()); print(m.head_revision())"
    file, folder, revision = _run(elsewhere / "python", "-I", "-c", code, cwd=tmp_path).split()
    assert Path(file).is_relative_to(elsewhere.parent)
    assert Path(folder).is_relative_to(elsewhere.parent)
    assert revision


def test_the_demo_runs_outside_the_checkout(elsewhere: Path, tmp_path: Path) -> None:
    """`primero-bridge demo` of the installed wheel does its whole job from a folder that holds nothing."""
    here = tmp_path / "here"
    here.mkdir()
    printed = _run(elsewhere / "primero-bridge", "demo", cwd=here, BRIDGE_DATA_DIR=str(tmp_path / "data"))
    assert printed.strip()
