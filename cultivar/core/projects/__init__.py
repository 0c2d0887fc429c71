"""Projects: what holds of tagged documents, their split, their models and their jobs.

Pure, like all of the core: it reads no file and knows no clock.
"""
