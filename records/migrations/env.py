"""Run by Alembic: applies the changes inside the transaction that `records.database` opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
