"""An exchange in the process: book, models and venue, and the built-in market."""
