"""What the logs say, as tables for reading: they follow from the logs, and can be dropped and made anew."""
