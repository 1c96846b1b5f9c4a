"""The single writer: decides, records, and tells."""
