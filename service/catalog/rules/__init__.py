"""The pure rules everything hangs on: no database, no clock, no network."""
