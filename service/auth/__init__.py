"""Who may do what: persons, accounts, memberships, tokens, sessions."""
