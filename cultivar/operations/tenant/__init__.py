"""The organisation itself: opt-in, baseline, people, keys."""
