"""Telling other systems what moved in a deployment, by webhooks and a feed: counts, never texts, never persons."""
