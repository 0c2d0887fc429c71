"""Artifacts for people who work with them: listed, found and described."""
