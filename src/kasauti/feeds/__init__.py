"""Where prices come from: recorded, built-in and, with a broker, live."""
