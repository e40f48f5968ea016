"""Primero's translation YAML: what its exporter writes, its importer reads, and what lies on Transifex."""
