"""
When derivatives expire: weekly and monthly, by index and date, moved before holidays.

The contracts of an index expire on its weekday of the period; where that is no regular trading day, on the
trading day before. Special weekend sessions do not count as trading days here. The weekly contract of the
week in which the monthly expires is the monthly itself. Which of these the exchange lists on a day is the
instrument master's to say; this is for days without one, and for checking one.
Source: market_rules.md 2.6.
"""

from bisect import bisect_left
from datetime import date, timedelta

from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.month_expiries import DateRow, MonthExpiries, MonthRow
from kasauti.exchange.rules import Row, RuleFile, read_rules
from kasauti.exchange.segments import has_derivatives
from kasauti.exchange.weekdays import PLACE, Expiry, Weekday

__all__ = ["Expiries", "Expiry", "Weekday"]

_FILE = "expiries.json"
_SHARES = "shares"
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)


class _Rule(Row, frozen=True, kw_only=True):
    name: str
    weekly: Weekday | None
    monthly: Weekday
    listed_from: date | None = None

    def known_by(self, day: date) -> bool:
        return (self.listed_from or self.effective_from) <= day


class _ExpiryFile(RuleFile, frozen=True, kw_only=True):
    rules: tuple[_Rule, ...]
    by_month: tuple[MonthRow, ...]
    by_date: tuple[DateRow, ...]


class Expiries:
    """
    The expiry dates of index and share derivatives, of currencies and of futures on commodities.

    `listed_on` asks for the dates as the exchange listed them on that day; without it they are the dates on
    which the contracts did or will expire, by all that is known. Names are underlyings, like NIFTY, SENSEX
    or RELIANCE (NSE). Raises `RuleUnknown` for other names and for dates outside the rules or the calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        file = read_rules(_FILE, _ExpiryFile)
        self._calendar = calendar
        self._known_to = min(file.known_to, calendar.known[1])
        self._rules: dict[str, list[_Rule]] = {}
        for rule in sorted(file.rules, key=lambda rule: rule.effective_from):
            self._rules.setdefault(rule.name, []).append(rule)
        self._by_month = MonthExpiries(calendar, file.by_month, file.by_date, self._known_to)
        self._computed: dict[tuple[str, int], tuple[Expiry, ...]] = {}

    @property
    def names(self) -> list[str]:
        """The indices with derivatives."""
        return sorted(name for name in self._rules if name != _SHARES)

    @property
    def all_names(self) -> list[str]:
        """The indices, currencies and commodities; shares with derivatives are known too."""
        return sorted([*self.names, *self._by_month.names])

    def expiries(self, name: str, first: date, last: date, *, listed_on: date | None = None) -> list[Expiry]:
        """Return the expiries from `first` to `last`, both included."""
        if name in self._by_month.names:
            return self._by_month.expiries(name, first, last)
        rules = self._rules_of(name)
        if not rules[0].effective_from <= first <= last <= self._known_to:
            raise RuleUnknown(
                f"The expiries of {name} from {first} to {last} are not known: they are known from"
                f" {rules[0].effective_from} to {self._known_to}. Choose dates inside, or add rows with their"
                f" source to exchange/data/{_FILE} and the holidays to exchange/data/calendar.json."
            )
        known = self._all(name, rules, listed_on)
        start = bisect_left(known, first, key=lambda expiry: expiry.day)
        return [expiry for expiry in known[start:] if expiry.day <= last]

    def is_expiry(self, name: str, day: date, *, listed_on: date | None = None) -> bool:
        """Whether contracts on `name` expire on `day`."""
        return bool(self.expiries(name, day, day, listed_on=listed_on))

    def is_monthly(self, name: str, day: date, *, listed_on: date | None = None) -> bool:
        """Whether `day` is a monthly expiry; `RuleUnknown` if it is no expiry at all."""
        found = self.expiries(name, day, day, listed_on=listed_on)
        if not found:
            raise RuleUnknown(
                f"{day} is not an expiry of {name} by exchange/data/{_FILE}"
                f" ({self._calendar.why(day)}); check the date, or correct the file."
            )
        return found[0].monthly

    def next_expiry(self, name: str, day: date, *, listed_on: date | None = None) -> Expiry:
        """Return the first expiry on or after `day`."""
        found = self.expiries(name, day, self._known_to, listed_on=listed_on)
        if not found:
            raise RuleUnknown(
                f"The expiry of {name} after {day} is not known: the calendar ends on {self._known_to}."
                " Add next year's holidays to exchange/data/calendar.json."
            )
        return found[0]

    def _rules_of(self, name: str) -> list[_Rule]:
        rules = self._rules.get(name)
        if rules is None and has_derivatives(name, ever=True):
            rules = self._rules[_SHARES]
        if rules is None or name == _SHARES:
            raise RuleUnknown(
                f"The expiries of {name} are not known. Known names: {', '.join(self.all_names)}; shares as"
                f" listed in exchange/data/derivative_stocks.json. Add the name to exchange/data/{_FILE}."
            )
        return rules

    def _all(self, name: str, rules: list[_Rule], listed_on: date | None) -> tuple[Expiry, ...]:
        visible = [rule for rule in rules if listed_on is None or rule.known_by(listed_on)]
        key = (name, len(visible))
        if key not in self._computed:
            self._computed[key] = tuple(self._compute(visible))
        return self._computed[key]

    def _compute(self, rules: list[_Rule]) -> list[Expiry]:
        """Return every expiry in the known years: each day is asked whether the rule of that day names it."""
        monthly: list[date] = []
        weekly: list[date] = []
        ends = [rule.effective_from for rule in rules[1:]] + [self._known_to + _ONE_DAY]
        for rule, end in zip(rules, ends, strict=True):
            day = rule.effective_from
            while day < end:
                if day.weekday() == PLACE[rule.monthly] and (day + _ONE_WEEK).month != day.month:
                    monthly.append(day)
                elif rule.weekly is not None and day.weekday() == PLACE[rule.weekly]:
                    weekly.append(day)
                day += _ONE_DAY
        monthly_weeks = {day.isocalendar()[:2] for day in monthly}
        scheduled = [(day, True) for day in monthly]
        scheduled += [(day, False) for day in weekly if day.isocalendar()[:2] not in monthly_weeks]
        return sorted(Expiry(self._rolled_back(day), is_monthly, day) for day, is_monthly in scheduled)

    def _rolled_back(self, day: date) -> date:
        while not self._calendar.is_regular_day(day):
            day -= _ONE_DAY
        return day
