"""The tenant's content: locations, crawls, items, the explorer, an item's history."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
