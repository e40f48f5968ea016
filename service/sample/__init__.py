"""The sample deployment of the demo: "Northern Lakes", a fictional child-protection programme.

``configuration.json`` is a Primero configuration; ``fr/`` and ``ar/`` hold what its volunteers have typed so far, as
Primero translation files. All of it was written for this project; no text comes from a real deployment. The README
beside this file lists the mistakes that stand in the translations on purpose.
"""

from importlib.resources import files
from pathlib import Path


def sample_path() -> Path:
    """Return the folder of the sample, for whoever loads the demo or tests with it.

    The package is installed unpacked (wheel or editable), so its resources are files of a folder.
    """
    return Path(str(files(__name__)))
