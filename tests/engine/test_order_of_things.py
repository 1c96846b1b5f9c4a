"""What comes first at one moment: arrivals, fills, ticks, the account's jobs, candles, chains, timers."""

from collections.abc import Callable, Iterable
from datetime import time
from functools import partial

from tests.trading import CALL, HOLIDAY, INDEX, NEXT_DAY, OTHER, SHARE, Scripted, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import Command
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import Product
from kasauti.domain.view import CandleWanted, Chain, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.strategies import Strategy

Heard = list[tuple[str, str, str]]

EVERYTHING = Subscriptions(
    candles=[CandleWanted(SHARE.id, 60)],
    chains=[ChainWanted(INDEX.id, 60)],
    ticks=[SHARE.id, OTHER.id],
    timers=[TimerWanted("minute", seconds=60)],
)


def listening(heard: Heard, *names: str, wants: Subscriptions = EVERYTHING) -> list[Callable[[], Scripted]]:
    """Return makers of strategies that write what they hear into one list, by their name."""

    def make(name: str) -> Scripted:
        def say(hook: str) -> Callable[..., Iterable[Command]]:
            def hear(*arguments: object) -> Iterable[Command]:
                view = arguments[-1]
                assert isinstance(view, View)
                heard.append((name, hook, ist_clock(view.at)))
                return ()

            return hear

        hooks = {h: say(h) for h in ("on_start", "on_tick", "on_candle", "on_chain", "on_fill", "on_timer")}
        return Scripted(name, wants, None, **hooks)

    return [lambda name=name: make(name) for name in names]  # type: ignore[misc]


MINUTE = """
    time      of     last   bid    bid_quantity  ask    ask_quantity  volume
    09:15:00  ACME   100    99.95  500           100.05 500           1000
    09:15:00  NIFTY  26000  -      -             -      -             -
    09:16:00  BETA   50     49.95  500           50.05  500           1000
    09:16:00  ACME   101    100.9  500           101.1  500           1100
"""


def test_everything_of_one_moment_comes_in_one_order_for_every_strategy_in_the_configured_one() -> None:
    heard: Heard = []
    session = Session(strategies=listening(heard, "zoe", "ann"))
    session.play(MINUTE)

    assert [(name, hook) for name, hook, clock in heard if clock == "09:16:00"] == [
        ("zoe", "on_tick"),  # ticks in the order of the data
        ("ann", "on_tick"),
        ("zoe", "on_tick"),
        ("ann", "on_tick"),
        ("zoe", "on_candle"),
        ("ann", "on_candle"),
        ("zoe", "on_chain"),
        ("ann", "on_chain"),
        ("zoe", "on_timer"),
        ("ann", "on_timer"),
    ]
    assert heard[:2] == [("zoe", "on_start", "09:15:00"), ("ann", "on_start", "09:15:00")]


def test_fills_of_all_instruments_come_before_any_strategy_sees_the_tick() -> None:
    session = Session("touch")
    seen: list[int] = []

    def looks() -> Scripted:
        def on_tick(quote: object, instrument: object, view: View) -> Iterable[Command]:
            seen.append(len(session.filled()))
            return ()

        return Scripted("looks", Subscriptions(ticks=[SHARE.id, OTHER.id]), on_tick=on_tick)

    session = Session("touch", strategies=[looks])
    session.play(
        "time of last\n09:15:00 ACME 100\n09:15:00 BETA 50\n09:15:02 ACME 99\n09:15:02 BETA 49",
        ("09:15:01", buys(SHARE, 10, "99.50")),
        ("09:15:01", buys(OTHER, 10, "49.50")),
    )

    assert seen == [0, 0, 2, 2]


def test_an_arrival_comes_before_the_tick_of_its_moment() -> None:
    """It meets what stood before; the tick of the same moment is the next evidence."""
    session = Session("depth", latency_ms=1000)
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  500           100.05  7             1000
        09:15:01  90    89.95  500           90.05   500           1000
        """,
        ("09:15:00", buys(SHARE, 10)),
    )

    assert session.fills() == [("09:15:01", 7, "100.05"), ("09:15:01", 3, "90.05")]


def test_the_account_s_own_jobs_come_before_strategies_of_the_same_moment() -> None:
    """At 15:20 the square-off runs first; a strategy's timer of 15:20 finds its position being closed."""
    found: list[int] = []

    def make() -> Scripted:
        def on_timer(name: str, view: View) -> Iterable[Command]:
            if name == "buy":
                yield buys(SHARE, 10)
            else:
                found.append(len(view.working(tag="square_off")) + len(view.positions()))

        wants = Subscriptions(
            timers=[TimerWanted("buy", at=time(9, 20)), TimerWanted("look", at=time(15, 20))]
        )
        return Scripted("ann", wants, on_timer=on_timer)

    session = Session(strategies=[make], stale_s=100_000, latency_ms=100)
    session.ticks(MINUTE)
    session.until("15:21")

    assert found == [2]  # the position, and the order that closes it
    assert session.held(SHARE, Product.MIS) == 0


def test_what_a_strategy_asks_for_is_done_in_its_order_before_the_next_strategy_is_called() -> None:
    def make(name: str) -> Scripted:
        def on_tick(quote: object, instrument: object, view: View) -> Iterable[Command]:
            return (buys(SHARE, 1, "99", tag="first"), buys(SHARE, 1, "98", tag="second"))

        return Scripted(name, Subscriptions(ticks=[SHARE.id]), on_tick=on_tick)

    session = Session(strategies=[lambda: make("zoe"), lambda: make("ann")])
    session.ticks("time last\n09:15:00 100")

    assert [
        (each.cause, each.event.tag) for each in session.log if isinstance(each.event, ev.OrderPlaced)
    ] == [
        ("strategy:zoe", "first"),
        ("strategy:zoe", "second"),
        ("strategy:ann", "first"),
        ("strategy:ann", "second"),
    ]


def test_bars_close_candles_before_timers() -> None:
    heard: Heard = []
    session = Session(strategies=listening(heard, "ann"))
    session.bars("time open high low close volume\n09:15 100 101 99 100 50")

    assert [hook for _, hook, clock in heard if clock == "09:16:00"] == [
        "on_start",  # nothing is known before the first bar has ended
        "on_candle",
        "on_tick",
        "on_chain",
        "on_timer",
    ]


# Who hears what


def test_a_strategy_hears_the_ticks_of_what_it_holds_while_it_holds_it() -> None:
    heard: Heard = []

    def make() -> Scripted:
        script = listening(heard, "ann", wants=Subscriptions(timers=[TimerWanted("minute", seconds=60)]))[0]()

        def on_timer(name: str, view: View) -> Iterable[Command]:
            command = {"09:16:00": buys, "09:18:00": sells}.get(ist_clock(view.at))
            return () if command is None else (command(SHARE, 10),)

        script.hooks["on_timer"] = on_timer
        return script

    session = Session(strategies=[make], stale_s=100_000)
    session.ticks(
        """
        time      last  bid    bid_quantity  ask     ask_quantity
        09:15:00  100   99.95  500           100.05  500
        09:16:30  100   99.95  500           100.05  500
        09:17:30  100   99.95  500           100.05  500
        09:18:30  100   99.95  500           100.05  500
        """
    )

    assert [clock for _, hook, clock in heard if hook == "on_tick"] == ["09:16:30", "09:17:30"]
    assert [clock for _, hook, clock in heard if hook == "on_fill"] == ["09:16:00", "09:18:00"]


def test_it_goes_on_hearing_them_while_it_holds_the_instrument_in_another_product() -> None:
    heard: Heard = []

    def make() -> Scripted:
        script = listening(heard, "ann", wants=Subscriptions(timers=[TimerWanted("minute", seconds=60)]))[0]()
        plan = {
            "09:16:00": [buys(SHARE, 10), buys(SHARE, 5, product=Product.CNC)],
            "09:17:00": [sells(SHARE, 10)],
        }
        script.hooks["on_timer"] = lambda *heard: plan.get(ist_clock(heard[-1].at), [])
        return script

    session = Session(strategies=[make], stale_s=100_000)
    session.ticks("time last bid ask\n09:15:00 100 99.95 100.05\n09:17:30 100 99.95 100.05")

    assert [clock for _, hook, clock in heard if hook == "on_tick"] == ["09:17:30"]
    session.ticks("time last bid ask\n09:15:00 100 99.95 100.05\n09:15:01 100 99.95 100.05", NEXT_DAY)
    assert [clock for _, hook, clock in heard if hook == "on_tick"][-2:] == ["09:15:00", "09:15:01"]


def test_nobody_is_called_outside_the_session() -> None:
    """Before the open, after the close, on a holiday: data may come, decisions do not."""
    heard: Heard = []
    session = Session(strategies=listening(heard, "ann"))
    session.ticks(
        "time last\n09:08:00 100\n09:14:59 100\n09:15:00 100\n15:30:00 100\n15:30:01 100\n16:00:00 100"
    )
    session.until("23:00", NEXT_DAY)
    session.ticks("time last\n10:00:00 100\n10:05:00 101", HOLIDAY)
    session.bars("time open high low close\n10:06 100 100 100 100", HOLIDAY)

    days = [clock for _, hook, clock in heard if hook == "on_tick"]
    assert days == ["09:15:00", "15:30:00"]
    assert all("09:15:00" <= clock <= "15:30:00" for _, hook, clock in heard if hook != "on_start")


def test_a_strategy_hears_of_its_own_fills_only() -> None:
    heard: Heard = []
    session = Session(strategies=listening(heard, "ann", wants=Subscriptions()), stale_s=1000)
    session.ticks("time last bid ask\n09:15:00 100 99.95 100.05")
    session.ask("09:15:01", buys(SHARE, 1))

    assert [hook for _, hook, _ in heard] == ["on_start"]


def test_timers_and_chains_keep_to_the_session_and_to_their_rhythm() -> None:
    heard: Heard = []
    wants = Subscriptions(
        chains=[ChainWanted(INDEX.id, 7200)],
        timers=[TimerWanted("hour", seconds=3600), TimerWanted("late", seconds=60_000)],
    )
    session = Session(strategies=listening(heard, "ann", wants=wants))
    session.until("09:00").until("16:00")

    assert [clock for _, hook, clock in heard if hook == "on_timer"] == [
        f"{hour:02d}:15:00" for hour in range(10, 16)
    ]
    assert [clock for _, hook, clock in heard if hook == "on_chain"] == ["11:15:00", "13:15:00", "15:15:00"]


def test_a_chain_shows_the_nearest_expiry_and_what_stands_then() -> None:
    seen: list[tuple[str, int, int, int]] = []

    def on_chain(chain: object, view: View) -> Iterable[Command]:
        assert isinstance(chain, Chain)
        assert chain.call_ids == (CALL.id,)
        seen.append(
            (chain.expiry.isoformat(), chain.spot, int(chain.call_last[0]), int(chain.call_volume[0]))
        )
        return ()

    wants = Subscriptions(chains=[ChainWanted(INDEX.id, 60)])
    session = Session(strategies=[lambda: Scripted("ann", wants, on_chain=on_chain)])
    session.ticks(
        """
        time      of     last   volume
        09:15:00  NIFTY  26000  -
        09:15:30  CE     120    650
        09:15:59  CE     121    715
        09:16:01  CE     125    780
        """
    )

    assert seen == [("2026-01-13", 26_000_0000, 121_0000, 715)]


def test_the_moment_of_a_job_is_when_it_is_due_not_when_data_comes() -> None:
    heard: Heard = []
    session = Session(
        strategies=listening(heard, "ann", wants=Subscriptions(timers=[TimerWanted("m", seconds=60)]))
    )
    session.ticks("time last\n09:15:00 100\n09:18:30 100")

    assert [clock for _, hook, clock in heard if hook == "on_timer"] == ["09:16:00", "09:17:00", "09:18:00"]
    assert session.engine.next_due == moment("09:19")


def test_a_chain_of_what_has_no_options_is_never_read_and_keeps_nothing_else_away() -> None:
    heard: Heard = []
    wants = Subscriptions(chains=[ChainWanted(SHARE.id, 60)], timers=[TimerWanted("late", seconds=20_000)])
    Session(strategies=listening(heard, "ann", wants=wants)).until("09:00").until("16:00")

    assert [hook for _, hook, _ in heard if hook in ("on_chain", "on_timer")] == ["on_timer"]


class _Follower(Strategy):
    """Buys at 09:16, follows prices from 09:18 to 09:20; another one of it holds the same."""

    class Memory(Strategy.Memory, kw_only=True):
        follows: bool = False

    memory: Memory

    def __init__(self, name: str, heard: Heard) -> None:
        super().__init__(name=name)
        self.heard = heard

    @property
    def follows(self) -> bool:
        return self.memory.follows

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(timers=[TimerWanted("minute", seconds=60)])

    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        clock = ist_clock(view.at)
        if clock == "09:16:00":
            yield buys(SHARE, 10, product=Product.MIS)
        self.memory.follows = "09:18:00" <= clock < "09:20:00"
        yield self.note()

    def on_tick(self, quote: object, instrument: object, view: View) -> Iterable[Command]:
        self.heard.append((self.name, "on_tick", ist_clock(view.at)))
        return ()


PRICES = "time of last bid bid_quantity ask ask_quantity\n" + "\n".join(
    f"09:{minute}:30 ACME 100 99.95 500 100.05 500" for minute in range(15, 23)
)


def test_who_holds_something_hears_its_prices_only_while_it_wants_to() -> None:
    heard: Heard = []
    session = Session("touch", strategies=[partial(_Follower, n, heard) for n in ("one", "two")])
    session.play(PRICES)
    assert session.held(SHARE, Product.MIS) == 20
    assert heard == [(n, "on_tick", clock) for clock in ("09:18:30", "09:19:30") for n in ("one", "two")]


def test_it_hears_them_after_a_restart_as_well() -> None:
    heard: Heard = []
    session = Session("touch", strategies=[partial(_Follower, "one", heard)])
    session.play("\n".join(PRICES.splitlines()[:5]))
    again = session.restart(strategies=[partial(_Follower, "one", heard)])
    heard.clear()
    again.play("\n".join([PRICES.splitlines()[0], *PRICES.splitlines()[5:]]))
    assert heard == [("one", "on_tick", "09:19:30")]
