"""The commands, one module a subject, mounted by ``service/cli.py``. Their names and arguments are a contract."""
