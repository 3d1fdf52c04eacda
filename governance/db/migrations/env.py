"""How Alembic reaches the governance database: on the connection that `governance.db.database` hands over."""

from __future__ import annotations

from importlib import import_module

from alembic import context

from governance.db.tables import Base

for tables in (
    "governance.access_proofs.tables",
    "governance.backup.tables",
    "governance.intake.tables",
    "governance.leases.tables",
    "governance.ledger.tables",
    "governance.lineage.tables",
    "governance.opendsr.tables",
    "governance.recording.tables",
    "governance.lineage.quotas",
):
    import_module(tables)  # importing a module registers its tables

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
