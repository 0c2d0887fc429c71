"""Classifiers as people see them: created, listed, shared, described."""
