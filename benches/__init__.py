"""One file a benchmark, each beside its peer in the same run."""
