"""Policies: what a label waits for, what it does, and which documents it reaches.

Everything here is data and pure functions; nothing applies a label.
"""
