"""Versions at work: scores, labelling, explanations, measurements."""
