"""Where each language stands, how it came there, and when it may be done."""
