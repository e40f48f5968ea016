"""What is equal, what may be sent, what differs. Pure."""
