"""The audit log asked and checked; every file behind a version verified."""
