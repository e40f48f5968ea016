"""Volunteers: who translates, what they were told, whether they came, and what became of their work."""
