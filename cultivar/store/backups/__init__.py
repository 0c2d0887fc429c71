"""Backups: the registry as a file of its own, and the place that holds it and the artifacts."""
