"""What is true: lifecycle, rules, gates, learning and evaluation.

Pure: no I/O, clock, environment or unseeded randomness.
"""
