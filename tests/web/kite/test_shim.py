"""A bot written for Kite Connect trades at the desk, its source untouched."""

import subprocess
import sys
from pathlib import Path

from tests.web.kite.served import House

from kasauti.cli.kite_shim import environment

_BOT = """
from kiteconnect import KiteConnect, KiteTicker
kite = KiteConnect(api_key="real", root="https://api.kite.trade")
session = kite.generate_session("token", api_secret="real secret")
kite.set_access_token(session["access_token"])
print(kite.profile()["user_id"], kite.login_url(), KiteTicker("real", "a token", root="wss://x").socket_url)
"""


def test_a_bot_that_names_kites_own_address_speaks_to_the_desk(house: House, tmp_path: Path) -> None:
    bot = tmp_path / "bot.py"
    bot.write_text(_BOT, encoding="utf-8")
    env = environment(house.root, house.key.secret)
    said = subprocess.run([sys.executable, bot], env=env, capture_output=True, text=True, check=True)
    user, login, ticker = said.stdout.split()
    assert (user, login.startswith(f"{house.root}/connect/login")) == ("owner", True)
    assert ticker.startswith(f"ws://127.0.0.1:{house.port}?api_key=real&access_token={house.key.secret}")
