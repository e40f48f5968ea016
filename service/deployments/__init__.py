"""Deployments, their locales, and how each reaches its Transifex project."""
