"""Snapshots, units, scope, translations, decisions, conflicts, and the pure rules over them."""
