"""Primero configuration in, translatable units out.

Pure: no network, no database, no clock. Everything here can be called from a test with bytes in memory.
"""
