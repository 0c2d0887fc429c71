"""Carries labels into the content's own store: one module a kind of store, behind three verbs.

A writer looks, puts and takes at one place; when, how often and why is the queue's to decide.
"""
