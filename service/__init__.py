"""The workflow: deployments, snapshots, sync, checks, review and bundles, one folder a feature."""
