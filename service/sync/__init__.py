"""Push to and pull from Transifex: fetch, plan, apply, record."""
