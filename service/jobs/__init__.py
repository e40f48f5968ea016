"""The job ledger: long work that survives a killed process."""
