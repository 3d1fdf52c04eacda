"""How Alembic reaches the governance database: on the connection that `governance.database` hands over."""

from __future__ import annotations

from importlib import import_module

from alembic import context

from governance.models import Base

for tables in (
    "governance.backup.models",
    "governance.ledger.models",
    "governance.lineage.rows",
    "governance.opendsr.models",
    "governance.quotas",
):
    import_module(tables)  # importing a module puts its tables beside the others

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
