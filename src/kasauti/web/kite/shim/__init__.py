"""What an existing bot finds on its path before anything else: see `sitecustomize`."""
