"""A local Transifex that speaks the same API, for the demo, for tests and for training.

Its core is pure (request in, answer out); what it knows of file formats it knows from readers of its own, so that it is
an independent witness of what this project writes.
"""
