"""How Alembic reaches the governance database: on the connection that `governance.database` hands over."""

from __future__ import annotations

from alembic import context

from governance.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
