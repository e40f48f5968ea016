"""What is approved, packaged so that Primero takes it without damage."""
