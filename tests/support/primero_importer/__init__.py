"""Primero's importer of translation files, written a second time as an independent witness for tests.

It shares no code with the bridge: its own reader of YAML (as Ruby's Psych reads it), its own model of a stored
configuration, its own rules. A bundle that this importer takes without damage, and whose texts arrive, is one that
Primero takes.

Source of every behaviour: probes run through Primero's own classes (release line 2.x, Psych 5.3), kept as test vectors
in the corpus. What no probe shows is said in the docstring where it is decided.
"""

from tests.support.primero_importer.bundle import import_bundle
from tests.support.primero_importer.instance import ImportOutcome, PrimeroInstance, diff, diff_structure

__all__ = ["ImportOutcome", "PrimeroInstance", "diff", "diff_structure", "import_bundle"]
