"""What a seed set tells of itself before anybody trusts a classifier that learned from it."""
