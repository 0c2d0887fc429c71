"""Policies: written, tried, applied, undone; labels set by hand; delivery to the stores."""
