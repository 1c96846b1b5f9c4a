"""Hooks over real sockets: an alert is stored, makes its orders once, and says how far it came."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.web.serving import an_option, served

from kasauti.desk.playing import DeskPlay
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.money import RUPEE
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Account, Currency
from kasauti.store.registry.alerts import Stage
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role
from kasauti.web.webhooks.caps import check_caps
from kasauti.web.webhooks.carrying import Carrier
from kasauti.web.webhooks.squaring import Squarer

Made = Callable[..., str]
HookTalk = Callable[[httpx.AsyncClient, DeskPlay, Made], Awaitable[None]]


def hooked(folder: Path, talk: HookTalk) -> None:
    """Serve a desk whose `made` makes a strategy with these settings, and returns its hook's token."""

    async def with_hooks(client: httpx.AsyncClient, play: DeskPlay) -> None:
        def made(name: str, *, signed: bool = False, addresses: tuple[str, ...] = (), **settings: Any) -> str:
            registry, at = play.registry, wall_ns()
            row = the_row(registry, at)
            portfolios = registry.portfolios.all(row.id)
            folder = (
                portfolios[0] if portfolios else registry.portfolios.create(row.id, "hooks", "", DESK, at)
            )
            strategy = registry.strategies.create(
                folder.id,
                name,
                by=DESK,
                at=at,
                params={"webhook": {"exchange": "NFO", "product": "NRML", **settings}},
            )
            hook, secret = registry.hooks.create(strategy.id, DESK, at, signed=signed, addresses=addresses)
            return f"{hook.public}.{secret}"

        client.headers.pop("authorization")
        await talk(client, play, made)

    served(folder, with_hooks)


def the_row(registry: Registry, at: int) -> Account:
    """Return the row of the desk's account, which is its owner's."""
    if not registry.accounts.all():
        registry.users.create("owner", Role.ADMIN, "", DESK, at)
        registry.accounts.open(
            "owner", "main", plan="zerodha", capital=RUPEE, currency=Currency.INR, by=DESK, at=at
        )
    [row] = registry.accounts.all()
    return row


async def ended(client: httpx.AsyncClient, token: str, alert: int) -> dict[str, Any]:
    """Wait until an alert has come to its end, and return it."""
    while True:
        shown: dict[str, Any] = (await client.get(f"/hook/{token}/alerts/{alert}")).json()
        if shown["status"] in {"filled", "refused", "failed"}:
            return shown
        await asyncio.sleep(0)


def test_five_copies_in_a_second_make_one_order(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        token, (option, lot) = made("once"), an_option(play)
        body = {"symbol": option, "action": "buy", "price": "811.5"}
        said = await asyncio.gather(*(client.post(f"/hook/{token}", json=body) for _ in range(5)))
        assert {each.status_code for each in said} == {202}
        assert sorted(each.json()["is_new"] for each in said) == [False] * 4 + [True]
        shown = await ended(client, token, said[0].json()["alert"])
        assert (shown["status"], len(shown["orders"])) == ("filled", 1)
        assert [step["stage"] for step in shown["steps"]] == [
            "received",
            "validated",
            "risk",
            "order",
            "filled",
        ]
        account = play.accounts[0]
        assert [order.quantity for order in account.state.orders.values()] == [lot]
        book = account.state.books["once"]
        assert [position.quantity for position in book.values()] == [lot]

    hooked(tmp_path, talk)


def test_an_exit_closes_what_its_own_strategy_holds_and_nothing_else(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        first, second, (option, lot) = made("first"), made("second", lots=2), an_option(play)
        for token in (first, second):
            bought = await client.post(f"/hook/{token}", json={"symbol": option, "action": "BUY"})
            await ended(client, token, bought.json()["alert"])
        sold = await client.post(f"/hook/{first}", json={"symbol": option, "action": "SELL"})
        assert (await ended(client, first, sold.json()["alert"]))["status"] == "filled"
        state = play.accounts[0].state
        held = {name: [each.quantity for each in state.books[name].values()] for name in ("first", "second")}
        assert held == {"first": [0], "second": [2 * lot]}
        again = await client.post(f"/hook/{first}", json={"symbol": option, "action": "SELL", "n": 2})
        assert "nothing to do" in (await ended(client, first, again.json()["alert"]))["reason"]

    hooked(tmp_path, talk)


def test_who_may_not_knock_is_told_so_and_nothing_is_stored(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        option, _ = an_option(play)
        token, elsewhere, signed = made("a"), made("b", addresses=("10.0.0.0/8",)), made("c", signed=True)
        public, _, secret = token.partition(".")
        body = f'{{"symbol": "{option}", "action": "BUY"}}'
        for path, status in (
            (f"/hook/{public}", 403),
            (f"/hook/{public}.wrong", 403),
            ("/hook/nobody.x", 404),
            (f"/hook/{elsewhere}", 403),
            (f"/hook/{signed}", 403),
        ):
            assert (await client.post(path, content=body)).status_code == status, path
        assert play.registry.alerts.waiting() == []
        inside = await client.post(f"/hook/{public}", json={"symbol": "X", "action": "BUY", "secret": secret})
        shown = await client.get(f"/hook/{token}/alerts/{inside.json()['alert']}")
        assert secret not in shown.text
        name, _, key = signed.partition(".")
        signature = hmac.new(key.encode(), body.encode(), sha256).hexdigest()
        headers = {"x-kasauti-signature": f"sha256={signature}"}
        sent = await client.post(f"/hook/{name}", content=body, headers=headers)
        assert sent.status_code == 202
        number = sent.json()["alert"]
        for path, status in ((signed, 200), (name, 403), (f"{name}.wrong", 403), (f"{public}.{key}", 403)):
            assert (await client.get(f"/hook/{path}/alerts/{number}")).status_code == status, path
        page = await client.get(
            f"/hook/{token}/alerts/{inside.json()['alert']}", headers={"accept": "text/html"}
        )
        assert "<h1>Alert" in page.text

    hooked(tmp_path, talk)


def test_an_alert_that_cannot_be_used_is_stored_and_refused_with_the_reason(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        token = made("tv")
        text = '{"symbol": "SBIN", "action": "{{strategy.order.action}}"}'
        said = await client.post(f"/hook/{token}", content=text, headers={"content-type": "text/plain"})
        assert said.status_code == 400
        assert "{{strategy.order.action}} was not replaced" in said.json()["error"]["message"]
        unknown = await client.post(f"/hook/{token}", json={"symbol": "NOBODY", "action": "BUY"})
        assert (
            "'NOBODY' is not in this market"
            in (await ended(client, token, unknown.json()["alert"]))["reason"]
        )
        late = await client.post(f"/hook/{made('hours', end='00:01')}", json={"symbol": "X", "action": "BUY"})
        assert late.status_code == 202
        openalgo = await client.post(
            f"/strategy/webhook/{made('oa')}", json={"symbol": "SBIN", "action": "BUY"}
        )
        assert openalgo.json() == {"message": "Order queued successfully for SBIN"}
        wrong = await client.post("/chartink/webhook/nobody", json={})
        assert (wrong.status_code, wrong.json()["status"]) == (404, "error")

    hooked(tmp_path, talk)


def test_what_was_stored_and_not_carried_out_is_carried_out_at_the_next_start_or_expires(
    tmp_path: Path,
) -> None:
    tokens: list[str] = []

    async def stored(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        tokens.append(made("crashed"))
        option, _ = an_option(play)
        [row] = play.registry.accounts.all()
        [strategy] = play.registry.strategies.all(row.id)
        body = f'{{"symbol": "{option}", "action": "BUY"}}'.encode()
        for key, age_s in (("old", 3_600), ("young", 1)):
            play.registry.alerts.store(strategy.id, key, body, wall_ns() - age_s * NS_PER_SECOND)

    async def taken_up(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        old, young = [await ended(client, tokens[0], number) for number in (1, 2)]
        assert old["status"] == Stage.REFUSED
        assert "s old" in old["reason"]
        assert (young["status"], len(young["orders"])) == (Stage.FILLED, 1)

    hooked(tmp_path, stored)
    hooked(tmp_path, taken_up)


def test_an_alert_that_made_its_order_before_the_crash_makes_no_second_one(tmp_path: Path) -> None:
    tokens: list[str] = []

    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        token, (option, _) = made("again"), an_option(play)
        tokens.append(token)
        said = await client.post(f"/hook/{token}", json={"symbol": option, "action": "BUY"})
        await ended(client, token, said.json()["alert"])
        with play.registry.database.write() as connection:
            connection.exec_driver_sql("UPDATE alerts SET status = 'received', ended_at = 0")

    async def after(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        await ended(client, tokens[0], 1)
        assert len(play.accounts[0].state.orders) == 1
        assert play.registry.alerts.get(1).status is Stage.FILLED

    hooked(tmp_path, talk)
    hooked(tmp_path, after)


def test_a_strategy_is_squared_off_at_its_time_and_no_other_one_is(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        option, lot = an_option(play)
        for name, at in (("early", "00:01"), ("never", "")):
            token = made(name)
            bought = await client.post(f"/hook/{token}", json={"symbol": option, "action": "BUY"})
            await ended(client, token, bought.json()["alert"])
            [row] = play.registry.accounts.all()
            setup = next(each for each in play.registry.strategies.all(row.id) if each.name == name)
            params = {"webhook": {"exchange": "NFO", "product": "NRML", "square_off": at}}
            play.registry.strategies.set_params(setup.id, params, DESK, wall_ns())
        state = play.accounts[0].state
        follower = Squarer(play)
        play.follow(follower)
        while state.position(option, "NRML", "early").quantity:  # type: ignore[union-attr]  # noqa: ASYNC110
            await asyncio.sleep(0)
        held = state.position(option, "NRML", "never")
        assert held is not None
        assert held.quantity == lot

    hooked(tmp_path, talk)


def test_what_a_hook_may_not_order_is_refused_and_stands_on_its_page_while_exits_pass(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        option, lot = an_option(play)
        token = ""
        for name, caps, reason in (
            ("symbols", {"only": ["RELIANCE"]}, f"may trade RELIANCE, not {option}"),
            ("units", {"max_quantity": lot}, f"may order {lot} units at once, not {2 * lot}"),
            ("rupees", {"max_value": 1}, "may order for ₹1.00 at once, not ₹"),
            ("none", {"only": ["NIFTY"], "max_quantity": 2 * lot, "max_value": 10_000_000}, ""),
        ):
            token = made(name, lots=2, **caps)
            said = await client.post(f"/hook/{token}", json={"symbol": option, "action": "BUY"})
            shown = await ended(client, token, said.json()["alert"])
            assert (shown["status"], reason in shown["reason"]) == (
                "refused" if reason else "filled",
                True,
            ), shown
            page = f"/hook/{token}/alerts/{said.json()['alert']}"
            assert reason in (await client.get(page, headers={"accept": "text/html"})).text
        [row] = play.registry.accounts.all()
        setup = next(each for each in play.registry.strategies.all(row.id) if each.name == "none")
        tight = {"webhook": {"exchange": "NFO", "product": "NRML", "only": ["RELIANCE"], "max_value": 1}}
        play.registry.strategies.set_params(setup.id, tight, DESK, wall_ns())
        sold = await client.post(f"/hook/{token}", json={"symbol": option, "action": "SELL"})
        assert (await ended(client, token, sold.json()["alert"]))["status"] == "filled"
        assert len(play.accounts[0].state.orders) == 2

    hooked(tmp_path, talk)


def test_a_mistake_of_ours_in_one_alert_ends_that_one_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[Any] = []

    def mistaken(*given: Any) -> None:
        met.append(given)
        if len(met) == 1:
            raise KeyError("a slip")
        check_caps(*given)

    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        token, (option, lot) = made("once"), an_option(play)
        monkeypatch.setattr("kasauti.web.webhooks.carrying.check_caps", mistaken)
        for number, became in enumerate(("failed", "filled")):
            body = {"symbol": option, "action": "BUY", "n": number}
            said = await client.post(f"/hook/{token}", json=body)
            shown = await ended(client, token, said.json()["alert"])
            assert shown["status"] == became
        assert [order.quantity for order in play.accounts[0].state.orders.values()] == [lot]

    hooked(tmp_path, talk)


def test_an_alert_of_an_account_that_another_process_has_waits_until_it_comes_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, made: Made) -> None:
        made("once")
        option, lot = an_option(play)
        [strategy] = play.registry.strategies.all(the_row(play.registry, wall_ns()).id)
        content = f'{{"symbol": "{option}", "action": "BUY"}}'.encode()
        alert, _ = play.registry.alerts.store(strategy.id, "k", content, wall_ns())
        monkeypatch.setattr(DeskPlay, "is_shared", property(lambda _: True))
        account, carrier = play.desk.accounts.pop("main"), Carrier(play)
        await carrier.open()
        await carrier.close()
        assert play.registry.alerts.get(alert.id).status is Stage.RECEIVED
        play.desk.accounts["main"] = account
        monkeypatch.setattr(DeskPlay, "changes", property(lambda _: 99))
        for _ in range(2):
            carrier.moved([])  # type: ignore[arg-type]
        await carrier.close()
        assert play.registry.alerts.get(alert.id).status is Stage.FILLED
        assert [order.quantity for order in account.state.orders.values()] == [lot]

    hooked(tmp_path, talk)
