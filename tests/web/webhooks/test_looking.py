"""Looking at alerts asks the registry in a thread of its own: the desk goes on meanwhile."""

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import event
from tests.web.people import Town, town


def test_looking_at_alerts_keeps_no_order_waiting(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        loop, line = threading.get_ident(), place.line(place.doors.ports["native"])
        headers = {"Authorization": f"Bearer {place.key('ravi')}"}
        await line.ask("GET", "/api/orders", headers=headers)

        def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            if "alerts" in statement or "strategies" in statement:
                seen.append(threading.get_ident() == loop)

        event.listen(place.registry.database.engine, "before_cursor_execute", note)
        assert (await line.ask("GET", "/api/alerts", headers=headers)).status == 200
        assert (await line.ask("GET", "/api/alerts/1", headers=headers)).status == 404

    seen: list[bool] = []
    town(tmp_path, talk)
    assert seen
    assert not any(seen)
