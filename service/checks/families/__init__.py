"""The checks, one file a family. Each is a small pure function beside the :class:`~service.checks.findings.Check`
that names it; :mod:`service.checks.engine` lists them all.
"""
