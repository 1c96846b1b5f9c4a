"""
What holds for every test: no property is timed, and a build tries the same examples as the one before.

What is tested is the Python that stands here, unless `make test-compiled` asks for the compiled form.
"""

import os

os.environ.setdefault(
    "KASAUTI_CORE", "pure"
)  # before anything of the package is imported, here and in workers

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("build", deadline=None, derandomize=True)
settings.load_profile("build" if os.environ.get("CI") else "here")
