"""The composition root: the only package that knows everybody, and where a mode is nothing but wiring."""
