"""The files that belong to the repository."""

import subprocess
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent


def list_files(root: Path = ROOT) -> list[PurePosixPath]:
    """Return the paths, relative to the root, of all files that git tracks or would add, in order.

    Raises:
        subprocess.CalledProcessError: the folder is no git checkout.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode()
    names = sorted({name for name in listed.split("\0") if name})
    # A file that is deleted but not yet committed is still listed, and a link may lead nowhere.
    return [PurePosixPath(name) for name in names if (root / name).is_file()]
