"""Signal strategies on bars, compiled: the event engine's own results, many times as fast."""
