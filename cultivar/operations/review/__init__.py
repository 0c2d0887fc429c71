"""The review of predictions, batch by batch."""
