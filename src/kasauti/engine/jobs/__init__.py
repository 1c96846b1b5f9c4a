"""The account's own jobs of a trading day, one module each; `engine.day` says when they run."""
