"""A simulated hotline of Beijing's size around the ACD, in simulated time: what `benches.acd` measures."""
