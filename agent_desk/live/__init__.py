"""Live state on the desk: one reader of the stream a process, fanned out to every browser by role."""
