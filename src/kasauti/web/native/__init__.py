"""Kasauti's own API, under /api: what the other dialects cannot say, and the OpenAPI page."""
