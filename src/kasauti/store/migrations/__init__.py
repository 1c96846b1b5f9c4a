"""
The steps from one version of the tables to the next, taken when a database is opened.

Each step is a module in `versions`; Alembic finds and runs them. A step is never edited once it was released.
"""

from typing import Final

#: Every version of the tables, oldest first; the last is that of this Kasauti.
VERSIONS: Final = ("0001", "0002", "0003", "0004")
