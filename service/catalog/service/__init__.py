"""Use cases that change the catalog. Each that changes an input of the state function ends by writing states."""
