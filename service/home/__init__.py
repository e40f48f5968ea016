"""What spans features: the first page, the deployment commands, the API's own pages."""
