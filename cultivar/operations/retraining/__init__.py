"""Feedback, what it amounts to, retraining and the decision on it."""
