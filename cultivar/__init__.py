"""Cultivar grows text classifiers from samples and keeps them honest.

The package knows the domain; it never imports the orchestrator or the validation library.
"""

__version__ = "0.1.0"
