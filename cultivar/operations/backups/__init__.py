"""Backups of a home: made while it is in use, verified aside, restored into an empty home."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
