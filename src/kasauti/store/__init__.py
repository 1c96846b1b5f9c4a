"""Where what happened is kept: the log, its snapshots, and the files people read."""
