"""How fast and how lean the bridge is, beside what people would use without it: ``make bench``."""
