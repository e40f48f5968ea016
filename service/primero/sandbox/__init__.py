"""A local Primero that speaks the same API as far as the bridge uses it, for the demo, for tests and for training.

Its core is pure (request in, answer out); it shares no code with the client and the plans that talk to it, so that it
is an independent witness of what they do. What it does was measured on Primero's own code, traps included; where a
docstring says "not measured", it does what is harshest for whoever calls it.
"""
