"""A twin of Kite Connect v3: its REST calls at the root of a port of its own, its ticker beside them."""
