"""Reading the lists of instruments that brokers and exchanges publish each day."""
