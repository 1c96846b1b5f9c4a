"""Who uses a desk, which accounts they have and what may reach them: everything that is not in a log."""
