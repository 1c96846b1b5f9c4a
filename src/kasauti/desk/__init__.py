"""The desk: one market, many accounts, one log for all of them, behind every door of the server."""
