"""How Alembic reaches the governance database: on the connection that `governance.database` hands over."""

from __future__ import annotations

from alembic import context

from governance.models import Base
from governance.opendsr import models as opendsr_models

assert (
    opendsr_models.ProcessorNoticeRow.metadata is Base.metadata
)  # importing a module puts its tables beside the others

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
