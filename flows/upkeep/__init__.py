"""Flows that look after what is stored; none of them is a stage of a classifier's life."""
