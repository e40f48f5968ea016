"""The two ways in: every new text, and every decision, passes through here."""
