"""The demonstration: material, the lifecycle as it is played, the report.

Its parts are imported when they are first used, as Prefect reads its settings when it is imported.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
