"""What a bundle may carry, decided without database, clock or network."""
