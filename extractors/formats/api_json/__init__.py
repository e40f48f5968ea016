"""Saved answers of Primero's API v2: forms and lookups, in any number of files and pages."""
