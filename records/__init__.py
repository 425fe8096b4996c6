"""The completed record of a call: its form, schema, database, and its delivery to the case store."""
