"""
Compile the hottest modules to C, from the source they run from, with mypyc, into this environment.

    python scripts/compile.py

Says how many modules were compiled, and of each that mypyc does not take, why: it stays Python, and the rest
is compiled around it. Nothing changes in the source tree. `kasauti.compiled` decides when the result is used;
`make pure` removes it.
"""

import contextlib
import io
import json
import re
import shutil
import sys
import sysconfig
import tempfile
from importlib import metadata
from pathlib import Path

import setuptools  # noqa: F401  mypyc builds with it where it was imported first
from mypyc.build import mypycify
from setuptools import Extension, setup

from kasauti import compiled

#: What an order, a bar or a tick goes through. Whoever adds one measures it: `make bench` before and after.
#: What inherits from a class in one of them has to be compiled too, and so has what that class inherits from.
MODULES = (
    "desk.answer",
    "desk.crossings",
    "desk.desk",
    "desk.shared_board",
    "domain.account_folds",
    "domain.bar_grid",
    "domain.board",
    "domain.candle",
    "domain.ist",
    "domain.ledger",
    "domain.money",
    "domain.order",
    "domain.order_folds",
    "domain.position",
    "domain.quote",
    "domain.state",
    "domain.trade_folds",
    "domain.view",
    "engine.absence",
    "engine.admit",
    "engine.agenda",
    "engine.asked",
    "engine.bars",
    "engine.candles",
    "engine.day",
    "engine.day_candles",
    "engine.decide",
    "engine.desk",
    "engine.driven",
    "engine.engine",
    "engine.host",
    "engine.jobs.closing",
    "engine.jobs.delivery",
    "engine.jobs.desk",
    "engine.jobs.expiry",
    "engine.jobs.futures",
    "engine.jobs.interest",
    "engine.jobs.margin_call",
    "engine.jobs.prices",
    "engine.jobs.square_off",
    "engine.lanes",
    "engine.margin_book",
    "engine.order_change",
    "engine.order_ids",
    "engine.pacing",
    "engine.readings",
    "engine.refusals",
    "engine.terms",
    "engine.ticks",
    "engine.worth",
    "exchange.black76",
    "exchange.charges",
    "exchange.closing_average",
    "exchange.contract_note",
    "exchange.day_books",
    "exchange.day_services",
    "exchange.margin",
    "exchange.note_line",
    "exchange.protection",
    "exchange.share_brokerage",
    "exchange.span.account",
    "exchange.span.approximation",
    "exchange.span.exposure",
    "exchange.span.filed",
    "exchange.span.netting",
    "exchange.span.portfolio",
    "exchange.span.ranges",
    "exchange.span.risk",
    "exchange.span.sold",
    "risk.gate",
    "risk.rules",
    "simulator.band",
    "simulator.bars",
    "simulator.book",
    "simulator.changes",
    "simulator.entry",
    "simulator.fills",
    "simulator.impact",
    "simulator.interest",
    "simulator.latency",
    "simulator.liquidity",
    "simulator.match",
    "simulator.slippage",
    "simulator.supervised",
    "simulator.sweeping",
    "simulator.transit",
    "simulator.venue",
    "store.chained_log",
    "store.memory",
    "store.postgres",
    "store.row_home",
    "store.server_key",
    "store.sqlite",
    "web.access",
    "web.answers",
    "web.application",
    "web.doorkeeper",
    "web.endpoint",
    "web.journal_line",
    "web.limits",
    "web.metrics",
    "web.names",
    "web.native.dialect",
    "web.native.shown",
    "web.native.trading",
    "web.once",
    "web.one_piece",
    "web.recurring",
)

#: What the compiled modules never call, and what would be read for its types in vain.
_CONFIG = """\
[mypy]
strict = true
explicit_package_bases = true
mypy_path = {source}
cache_dir = {cache}
[mypy-kasauti.compose.*,kasauti.sweeps.*,kasauti.strategies.*]
follow_imports = skip
"""

_SOURCE = Path(compiled.__file__).parents[1]
_REFUSED = re.compile(r"^(?P<file>kasauti/\S+\.py):\d+: error: ", re.MULTILINE)


def main() -> None:
    """Compile, and put the result where `kasauti.compiled` finds it; nothing if it is there already."""
    there, by = compiled.fresh()
    if there.keys() >= {f"kasauti.{name}" for name in MODULES}:
        print(f"Compiled already: {by}, of this very source. `make pure` undoes it.")
        return
    missing = _missing()
    if missing:
        sys.exit(f"Nothing was compiled: {missing}. Kasauti runs without; only slower.")
    before = compiled.sources()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(_SOURCE):
        names = [f"kasauti/{name.replace('.', '/')}.py" for name in MODULES]
        extensions, taken = _translated(names, Path(scratch))
        print(f"Compiling {len(taken)} modules; this takes some minutes ...", flush=True)
        built = Path(scratch) / "built"
        _compiled(extensions, built)
        if compiled.sources() != before:
            sys.exit(
                "Nothing was installed: the source changed while it was compiled; give the command again."
            )
        _install(built, before)
    print(f"Compiled: {len(taken)} of {len(MODULES)} modules, in {compiled.FOLDER}. `make pure` undoes it.")


def _missing() -> str:
    """Return what is needed and not here, "" if all is."""
    if sys.platform == "win32":  # where setuptools itself looks for the compiler, and says what it misses
        return ""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return (
            f"there is no C compiler ({compiler}); on Debian and Ubuntu install the package build-essential"
        )
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not header.exists():
        return f"{header} is missing; on Debian and Ubuntu install the package python3-dev"
    return ""


def _translated(files: list[str], scratch: Path) -> tuple[list[Extension], list[str]]:
    """Return the C extensions of `files`, and which of them mypyc took; it says what it does not take."""
    config = scratch / "mypy.ini"
    config.write_text(_CONFIG.format(source=_SOURCE, cache=scratch / "cache"), encoding="utf-8")
    while files:
        told = io.StringIO()
        try:
            with contextlib.redirect_stdout(told):
                extensions = mypycify(
                    [f"--config-file={config}", *files],
                    opt_level="2",
                    debug_level="0",
                    multi_file=True,
                    group_name="kasauti_compiled",
                    target_dir=str(scratch / "c"),
                )
        except SystemExit:
            refused = {match["file"] for match in _REFUSED.finditer(told.getvalue())} & set(files)
            reasons = [line for line in told.getvalue().splitlines() if ": error: " in line]
            print("\n".join(reasons or [told.getvalue()]))
            if not refused:
                sys.exit(
                    "Nothing was compiled: the reason is above, and it is in none of the listed modules."
                )
            print(f"These stay Python: {', '.join(sorted(refused))}")
            files = [file for file in files if file not in refused]
        else:
            return extensions, files
    sys.exit("Nothing was compiled: mypyc took none of the modules.")


def _compiled(extensions: list[Extension], built: Path) -> None:
    """Compile, quietly unless something is wrong; a float is rounded at every step, as Python does it."""
    for each in extensions:
        each.extra_compile_args += [] if sys.platform == "win32" else ["-ffp-contract=off"]
    command = [
        "--quiet",
        "build_ext",
        f"--build-lib={built}",
        f"--build-temp={built}-objects",
        "--parallel=2",
    ]
    setup(name="kasauti-compiled", packages=[], ext_modules=extensions, script_args=command)


def _install(built: Path, sources: dict[str, str]) -> None:
    """Put compiled modules into the environment; the stamp comes last, and without it nothing is used."""
    place = Path(compiled.FOLDER)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(built, place)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    files = [path.relative_to(place).as_posix() for path in place.rglob(f"*{suffix}")]
    count = sum(file.startswith("kasauti/") for file in files)
    stamp = {
        "by": f"{count} modules by mypyc {metadata.version('mypy')}",
        "python": sys.implementation.cache_tag,
        "modules": {file.removesuffix(suffix).replace("/", "."): file for file in sorted(files)},
        "sources": sources,
    }
    Path(compiled.STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
