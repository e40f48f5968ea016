"""Mail to people: an outbox that is written with what it tells of, and emptied by a job."""
