"""Primero's forms and lookups as JSON: what a configuration file and the API's answers have in common."""
