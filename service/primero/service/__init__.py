"""Use cases about Primero instances."""
