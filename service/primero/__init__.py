"""Primero instances: reading them, comparing them with a bundle, giving them a bundle, and taking it back."""
