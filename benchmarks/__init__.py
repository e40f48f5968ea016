"""How fast and how lean extraction is, beside a plain walk over the same file: ``make bench``."""
