"""The registry's tables: everything that a person decided and where each artifact is.

Rules live in the core; a table only keeps what must never contradict itself. ``__init__.pyi`` lists
the tables. Those to which others refer are imported here, as SQLAlchemy looks a foreign key up when
the first row is asked for; the others when they are first asked for, as most questions need none.

Tables are joined by ids, and no ``relationship`` is declared: what an operation reads stands in its
queries, and what must be written first is flushed where it is added.
"""

import lazy_loader

from cultivar.store.tables import artifacts, audit, classifiers, organisation, reviews, work  # noqa: F401 - see above

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
