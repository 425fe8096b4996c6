"""The bundled case store: takes finished records, each once, and shows them. For demo, tests and small places."""
