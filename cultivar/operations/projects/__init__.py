"""What a person can do with a project: one function an action, roles checked, one transaction each.

It holds no rule about documents, splits or models: those are the core's.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
