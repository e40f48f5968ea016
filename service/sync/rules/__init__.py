"""What volunteers are told beside a text: pure."""
