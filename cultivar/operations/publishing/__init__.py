"""From a reviewed version to the live one: gates overridden, release report and sample, drift."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
