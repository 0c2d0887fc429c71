"""The release report: what a version labels and mislabels, and how well it is known.

It states figures from counts; who reviews and who publishes is not its business.
"""
