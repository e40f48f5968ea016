"""The configuration JSON in which CPIMS+ and GBVIMS+ are distributed."""
