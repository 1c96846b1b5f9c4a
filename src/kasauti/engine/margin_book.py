"""
What an order blocks and a position holds beside others on the same underlying: incremental margins.

With P what is held, W what works and O the order, an order blocks

    max(0, R(P + O) - R(P), R(P + W + O) - R(P + W))  and the premium of what it buys to open

where R is what holdings require together. The first difference is what the order adds to what is held; an
order that only works protects nothing, for it may never trade. The second keeps a protection from being used
twice: by an order that works already, and by this one. W has of each contract the side that would be the
larger position. A sale that takes a protection away blocks what then is missing; one that only reduces
blocks nothing.

Where a risk file is in force R is the file's, for every contract and without a price.

A fill turns the block into what all that is held requires from then on, shared out among the positions.
"""

from collections.abc import Iterable
from typing import Final, cast

from kasauti.domain.board import Board
from kasauti.domain.instrument import Kind
from kasauti.domain.money import PAISA
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.position import Position
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.state import State
from kasauti.engine.agenda import NEVER
from kasauti.engine.terms import Group, Terms, TermSheet
from kasauti.ports import Netting

#: Where no price had to be marked.
NO_MARKS: tuple[RiskMark, ...] = ()

# Looked up once: a member of an enum costs a function call.
_BUY: Final = Side.BUY
_FUTURE: Final = Kind.FUTURE

#: Signed units of a contract.
_Held = tuple[Terms, int]


class MarginBook:
    """Margins of groups for one account on one day; deciding and admitting ask it, only the fold changes."""

    def __init__(self, state: State, board: Board, sheet: TermSheet) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        # Without it there are no groups, and nobody asks.
        self._netting = cast("Netting", sheet.netting)
        #: What was marked for the decision at hand: it is kept if that becomes an event with marks.
        self._marked: dict[str, RiskMark] = {}
        #: The moments between which marks of the first hold; none yet.
        self._reckoned, self._reckons_next = 0, 0
        for position in state.positions.values():
            if not position.is_idle:
                sheet.of(position.instrument, Product(position.product))

    def order(
        self,
        terms: Terms,
        side: Side,
        quantity: int,
        opens: int,
        price: int,
        at: int,
        instead: Order | None = None,
    ) -> tuple[int, tuple[RiskMark, ...]]:
        """
        Return the money that an order of `quantity` open units blocks, of which `opens` add exposure.

        With it the prices that were marked for it. `price` is the most a unit may trade at, `instead` the
        order whose place it takes.
        """
        self._marked = {}
        group, margin = terms.group, terms.margin
        assert group is not None, "who has no group is not asked here"
        assert margin is not None, "who has no margin has no group"
        buys, is_option = side is _BUY, terms.instrument.is_option
        premium = -(-price * opens // PAISA) * PAISA if buys and is_option else 0
        others = self._others(group, terms)
        if not group.by_file and not others and (buys or not opens or not is_option):
            return (margin.order(opens, price, buys=buys) if opens else 0), ()
        spot = self._spot(group, at) if price and not group.by_file else 0
        if not spot and not group.by_file:
            return (margin.order(opens, price, buys=buys) if opens else 0), ()
        position = self._state.positions.get(terms.key)
        own, mine = (0, 0) if position is None else (position.quantity, _with_working(position, instead))
        signed = quantity if buys else -quantity
        held = [(each, position.quantity) for each, position in others if position.quantity]
        works = [(each, units) for each, position in others if (units := _with_working(position))]
        marks = self._marks([*held, (terms, signed), *works], spot, price, at)
        needs = self._required(held, terms, own + signed, marks) - self._required(held, terms, own, marks)
        if mine != own or works != held:
            after = self._required(works, terms, mine + signed, marks)
            needs = max(needs, after - self._required(works, terms, mine, marks))
        return premium + max(0, needs), tuple(self._marked.values())

    def fill(
        self, terms: Terms, held: int, price: int, at: int
    ) -> tuple[int, dict[str, int], tuple[RiskMark, ...]]:
        """
        Return what the position requires once it is `held` units, and what others do where that changes.

        With it the prices that were marked for it. `price` is that of the trade.
        """
        self._marked = {}
        group, margin = terms.group, terms.margin
        assert group is not None, "who has no group is not asked here"
        assert margin is not None, "who has no margin has no group"
        others = [each for each in self._others(group, terms) if each[1].quantity]
        alone = margin.position(held, price) if held else 0
        if not group.by_file and not others and (held >= 0 or not terms.instrument.is_option):
            return alone, {}, ()
        spot = 0 if group.by_file else self._spot(group, at)
        if not spot and not group.by_file:
            return alone, {}, ()
        holdings = [(each, position.quantity) for each, position in others]
        if held:
            holdings.append((terms, held))
        shares = self._shares(holdings, self._marks(holdings, spot, price, at))
        changed = {
            each.key: share
            for (each, position), share in zip(others, shares, strict=False)
            if share != position.margin
        }
        return (shares[-1] if held else 0), changed, tuple(self._marked.values())

    def nets(self) -> bool:
        """Whether anything is margined that is held, by more than its instrument alone."""
        positions = self._state.positions
        return any(
            terms.spans and (position := positions.get(key)) is not None and position.margin
            for group in self._sheet.groups
            for key, terms in group.members.items()
        )

    def reckon(self, at: int) -> tuple[dict[str, int], tuple[RiskMark, ...]]:
        """Return what positions of groups require by the prices of now, where that changed, and the marks."""
        self._marked, changed = {}, {}
        for group in self._sheet.groups:
            held = [
                (terms, position)
                for key, terms in group.members.items()
                if (position := self._state.positions.get(key)) is not None and position.quantity
            ]
            priced = not group.by_file and any(terms.spans for terms, _ in held)
            spot = self._spot(group, at) if priced else 0
            if not spot and not group.by_file:
                continue
            holdings = [(terms, position.quantity) for terms, position in held]
            shares = self._shares(holdings, self._marks(holdings, spot, 0, at))
            for (terms, position), share in zip(held, shares, strict=True):
                if share != position.margin:
                    changed[terms.key] = share
        return changed, tuple(self._marked.values())

    def _others(self, group: Group, terms: Terms) -> list[tuple[Terms, Position]]:
        """Return the other contracts of the group that are held or asked for."""
        positions, found = self._state.positions, []
        for key, each in group.members.items():
            position = positions.get(key)
            if each is not terms and position is not None and not position.is_idle:
                found.append((each, position))
        return found

    def _required(self, others: list[_Held], terms: Terms, units: int, marks: dict[str, RiskMark]) -> int:
        """Return what others require together with so many units of one more; nothing requires nothing."""
        if not units and not others:
            return 0
        holdings = [(each.instrument, held) for each, held in others]
        if units:
            holdings.append((terms.instrument, units))
        return self._netting.required(holdings, marks)

    def _shares(self, holdings: list[_Held], marks: dict[str, RiskMark]) -> list[int]:
        """Return what each holding takes of the requirement of all."""
        return self._netting.shares([(terms.instrument, units) for terms, units in holdings], marks)

    def _marks(self, holdings: Iterable[_Held], spot: int, price: int, at: int) -> dict[str, RiskMark]:
        """
        Return the prices that the risk of contracts rests on, by id: those of this reckoning, or new ones.

        `price` stands for one that has none. `spot` is 0 where a risk file says it: nothing is marked then.
        """
        marks: dict[str, RiskMark] = {}
        if not spot:
            return marks
        known, since = self._state.risk_marks, self._reckoned_from(at)
        for terms, _ in holdings:
            name = terms.instrument.id
            mark = marks.get(name) or known.get(name)
            if mark is None or mark.at < since:
                last = self._board.last_price(terms.slot) or self._state.marks.get(name) or price
                last = last or terms.instrument.tick_size
                mark = self._marked[name] = self._netting.mark(terms.instrument, at, spot, last)
            marks[name] = mark
        return marks

    def _reckoned_from(self, at: int) -> int:
        """Return the moment since which marks hold at `at`: the same up to the next one."""
        if not self._reckoned <= at < self._reckons_next:
            self._reckoned, following = self._netting.reckoned_from(at), NEVER
            for moment in self._netting.moments:
                if at < moment < following:
                    following = moment
            self._reckons_next = following
        return self._reckoned

    def _spot(self, group: Group, at: int) -> int:
        """Return the price of the underlying: its own, a future's, or that of the last reckoning; else 0."""
        spot = self._board.mark(group.underlying) if group.underlying else 0
        if spot:
            return spot
        futures = [each for each in group.members.values() if each.instrument.kind is _FUTURE]
        for each in sorted(futures, key=lambda one: one.instrument.expiry or one.day):
            price = self._board.last_price(each.slot)
            if price:
                return self._netting.spot_of(each.instrument, price, at)
        known, since = self._state.risk_marks, self._reckoned_from(at)
        marks = (known.get(each.instrument.id) for each in group.members.values())
        return next((mark.spot for mark in marks if mark is not None and mark.at >= since), 0)


def _with_working(position: Position, instead: Order | None = None) -> int:
    """Return what is held once the working orders of one side trade: of the side that makes it larger."""
    buys, sells = position.pending_buy, position.pending_sell
    if instead is not None:
        if instead.side is _BUY:
            buys -= instead.leaves
        else:
            sells -= instead.leaves
    up, down = position.quantity + buys, position.quantity - sells
    return up if abs(up) > abs(down) else down
