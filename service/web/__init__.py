"""What every page and answer shares: middleware, problems, templates, static files."""
