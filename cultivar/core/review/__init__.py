"""Rules of the review: the order of items, verdict files, accuracy and when it is stable."""
