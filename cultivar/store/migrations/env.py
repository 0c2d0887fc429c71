"""Runs migrations on the connection that the registry hands over, inside its transaction.

Opens nothing by itself: no URL, no configuration file.
"""

from alembic import context

from cultivar.store.migrating import VERSION_TABLE
from cultivar.store.tables import all_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
