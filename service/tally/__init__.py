"""Counting what happens, for whoever watches the service: once for all processes, never what or who it was."""
