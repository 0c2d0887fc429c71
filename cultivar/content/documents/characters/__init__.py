"""Bytes as the characters that they mean."""
