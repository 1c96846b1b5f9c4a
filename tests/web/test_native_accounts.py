"""Accounts over the native API: opened, begun anew, put away and paid, by admins and by nobody else."""

from pathlib import Path
from typing import Any

import msgspec
from tests.web.people import CAPITAL, Said, Town, town

from kasauti.store.registry.keys import Scope


class Admin:
    """The owner, who asks with an admin's key."""

    def __init__(self, place: Town, secret: str = "") -> None:
        self._line = place.line(place.doors.ports["native"])
        self._key = secret or place.key("owner", Scope.ADMIN)

    async def ask(self, method: str, path: str, **body: Any) -> Said:
        """Ask for something."""
        content = msgspec.json.encode(body) if body else b""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        return await self._line.ask(method, path, content, headers)

    async def get(self, method: str, path: str, **body: Any) -> Any:
        """Ask for something that goes well, and return what it is."""
        said = await self.ask(method, path, **body)
        assert said.status == 200, said.body
        return msgspec.json.decode(said.body)


def test_an_account_is_opened_as_the_defaults_have_it_or_as_asked(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        usual = await admin.get("POST", "/api/accounts", account="usual")
        assert (usual["user"], usual["log"], usual["capital"]) == ("owner", "owner/usual/1", "100000")
        assert (usual["currency"], usual["plan"], usual["mode"]) == ("INR", "zerodha", "paper")
        other = await admin.get(
            "POST",
            "/api/accounts",
            account="euro",
            user="ravi",
            capital="2500.5",
            currency="EUR",
            plan="upstox",
        )
        assert (other["log"], other["capital"], other["currency"]) == ("ravi/euro/1", "2500.5", "EUR")
        opened = place.account("ravi/euro/1").state.account
        assert opened is not None
        assert (opened.currency, opened.plan, opened.capital) == ("EUR", "upstox", 25_005_000)
        funds = await admin.get("GET", "/api/accounts/owner/usual/1/funds")
        assert funds["cash"] == "100000", "it trades at once, and the key opens it"

    town(tmp_path, talk)


REFUSED = (
    ("", {"account": "main"}, 409, "has an account 'main' already"),
    ("", {"account": "x", "user": "nobody"}, 404, "user 'nobody'"),
    ("", {"account": "x", "capital": "0"}, 400, "begins with more than nothing"),
    ("", {"account": "x", "currency": "GBP"}, 400, "GBP"),
    ("", {"account": "x", "plan": "zeroda"}, 422, "Did you mean zerodha"),
    ("/main/reset", {"confirm": "mian"}, 400, "type 'main' to go on"),
    ("/main/reset", {"confirm": ""}, 400, "nothing was done"),
    ("/main/reset", {"capital": "1"}, 400, "confirm"),
    ("/main/archive", {"confirm": "owner"}, 400, "type 'main' to go on"),
    ("/other/archive", {"confirm": "other"}, 404, "owner/other"),
    ("/owner/main/9/reset", {"confirm": "main"}, 404, "owner/main/9"),
)


def test_what_cannot_be_opened_or_ended_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        before, admin = place.registry.accounts.all(archived=True), Admin(place)
        for path, body, status, sentence in REFUSED:
            said = await admin.ask("POST", f"/api/accounts{path}", **body)
            assert said.status == status, (path, body, said.body)
            assert sentence in msgspec.json.decode(said.body)["error"]["message"]
        assert place.registry.accounts.all(archived=True) == before

    town(tmp_path, talk)


def test_a_reset_begins_an_epoch_and_the_one_before_can_be_read(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        paid = await admin.get("POST", "/api/accounts/owner/main/1/money", amount="500", reason="a gift")
        assert paid["cash"] == "100500"
        said = await admin.get("POST", "/api/accounts/main/reset", confirm="main", capital="7")
        assert (said["log"], said["epoch"], said["capital"]) == ("owner/main/2", 2, "7")
        assert [(each["number"], bool(each["ended_at"])) for each in said["epochs"]] == [
            (1, True),
            (2, False),
        ]
        assert "owner/main/1" not in place.play.desk.accounts
        old = await admin.get("GET", "/api/log?account=main&epoch=1&limit=1000")
        assert [each["tag"] for each in old["events"]][-1] == "session.stopped"
        assert any("a gift" in str(each) for each in old["events"])
        assert (await admin.get("GET", "/api/log?account=main"))["events"][0]["seq"] == 1
        missing = await admin.ask("GET", "/api/log?account=main&epoch=3")
        assert (missing.status, b"no epoch 3; it has 1, 2" in missing.body) == (404, True)
        events = [each.event for each in place.registry.audit.entries()]
        assert events[-2:] == ["money.moved", "account.reset"]

    town(tmp_path, talk)


def test_an_archived_account_trades_no_more_and_is_listed_still(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        await admin.get("POST", "/api/accounts/ravi/b/archive", confirm="b")
        assert "ravi/b/1" not in place.play.desk.accounts
        listed = (await admin.get("GET", "/api/admin/accounts"))["accounts"]
        assert [each["log"] for each in listed if each["archived_at"]] == ["ravi/b/1"]
        assert len(listed) == 6
        assert (await admin.ask("POST", "/api/accounts/ravi/b/reset", confirm="b")).status == 400

    town(tmp_path, talk)


def test_more_than_is_free_is_refused_and_is_in_the_audit_trail(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        refused = await admin.ask("POST", "/api/accounts/main/money", amount="-100001")
        assert (refused.status, b"1,00,000.00 are free" in refused.body) == (400, True)
        taken = await admin.get("POST", "/api/accounts/main/money", amount="-100000")
        assert taken["cash"] == "0"
        told = [(each.event, each.user_name) for each in place.registry.audit.entries(category="money")]
        assert told == [("money.refused", "owner"), ("money.moved", "owner")]

    town(tmp_path, talk)


def test_defaults_are_changed_in_part_and_hold_for_what_is_opened_then(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        new = await admin.get(
            "PUT", "/api/admin/defaults", capital="500000", currency="USD", presets=["50000"]
        )
        assert new == await admin.get("GET", "/api/admin/defaults")
        assert new == {"capital": "500000", "currency": "USD", "plan": "zerodha", "presets": ["50000"]}
        opened = await admin.get("POST", "/api/accounts", account="later")
        assert (opened["capital"], opened["currency"]) == ("500000", "USD")
        for wrong in ({"capital": "-1"}, {"presets": ["0"]}, {"plan": "nobody"}, {"currency": "GBP"}):
            assert (await admin.ask("PUT", "/api/admin/defaults", **wrong)).status in (400, 422)
        assert [each.event for each in place.registry.audit.entries(category="defaults")] == [
            "defaults.changed"
        ]

    town(tmp_path, talk)


def test_amounts_of_different_currencies_are_never_added_up(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        admin = Admin(place)
        await admin.get("POST", "/api/accounts", account="dollars", capital="10", currency="USD")
        await admin.get("POST", "/api/accounts", account="more", capital="20", currency="USD")
        totals = {
            each["currency"]: each for each in (await admin.get("GET", "/api/admin/statistics"))["totals"]
        }
        assert {each: (totals[each]["accounts"], totals[each]["capital"]) for each in totals} == {
            "INR": (6, str(100_000 + CAPITAL["owner"] + 2 * CAPITAL["ravi"] + 2 * CAPITAL["meena"])),
            "USD": (2, "30"),
        }

    town(tmp_path, talk)


def test_only_admins_may(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        for user, scope in (("ravi", Scope.ADMIN), ("owner", Scope.TRADE)):
            asking = Admin(place, place.key(user, scope))
            for method, path in (
                ("POST", "/api/accounts"),
                ("POST", "/api/accounts/main/reset"),
                ("POST", "/api/accounts/main/archive"),
                ("PUT", "/api/admin/defaults"),
                ("GET", "/api/admin/accounts"),
            ):
                assert (await asking.ask(method, path)).status == 403, (user, path)

    town(tmp_path, talk)
