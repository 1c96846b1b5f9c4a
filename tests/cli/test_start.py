"""What is loaded before a command runs, and that the list of commands says what the commands say."""

import subprocess
import sys

import pytest
from tests.cli.command import kasauti

from kasauti.cli.app import COMMANDS
from kasauti.cli.called import Called

#: What takes long to load and is needed for neither help nor short commands.
HEAVY = ("numpy", "pyarrow", "numba", "polars", "optuna", "pandas", "ray", "rich", "msgspec", "asyncio")

LOADED = """
import sys
sys.argv = ["kasauti", *{arguments!r}]
from kasauti.cli.main import main
try:
    main()
except SystemExit:
    pass
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = LOADED.format(arguments=arguments, heavy=HEAVY)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stderr.splitlines()[-1] == "[]"


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, kasauti; print([n for n in {HEAVY!r} if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_desk_on_the_built_in_market_loads_nothing_that_reads_files_of_prices() -> None:
    heavy = ("pyarrow", "numba", "polars", "optuna", "pandas", "psycopg", "alembic")
    program = f"import sys, kasauti.cli.serving; print([n for n in {heavy!r} if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("called", COMMANDS, ids=[each.name for each in COMMANDS])
def test_the_list_of_commands_says_what_each_command_says_of_itself(called: Called) -> None:

    loaded = called.loaded()

    assert loaded.name == called.name
    first = str(loaded.help).strip().partition("\n\n")[0]
    assert " ".join(first.split()) == called.summary


def test_a_command_that_is_mistyped_comes_with_the_nearest() -> None:
    ran = kasauti("backtst")

    assert ran.code == 2
    assert "No such command 'backtst'. Did you mean 'backtest'?" in ran.err


def test_help_lists_every_command() -> None:
    ran = kasauti("--help")

    assert ran.code == 0
    assert [each.name for each in COMMANDS if f"\n  {each.name} " not in ran.out] == []
