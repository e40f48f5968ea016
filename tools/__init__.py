"""Checks of the repository that no ready tool makes; ``make check`` runs them."""
