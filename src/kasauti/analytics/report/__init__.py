"""The report of a run: one value, and one HTML file made of it."""
