"""Policies: written, tried, applied, undone; labels set by hand; delivery to the stores."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
