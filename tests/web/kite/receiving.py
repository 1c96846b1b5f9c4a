"""A receiver of postbacks at a port of this machine."""

import json
import queue
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

from kasauti.web.kite.courier import ID_HEADER


class Post(NamedTuple):
    """What came: by what it is known, and what it says."""

    id: str
    row: dict[str, Any]


def distinct(came: "queue.Queue[Post]", count: int, known: str) -> list[Post]:
    """
    Return the next `count` posts but that with the id `known`, each once.

    One whose sender was killed before it could note that it was delivered comes again, once at most.
    """
    found: dict[str, Post] = {}
    times: Counter[str] = Counter()
    while len(found) < count:
        post = came.get(timeout=60)
        times[post.id] += 1
        assert times[post.id] <= 2, f"{post.id} comes again and again"
        if post.id != known:
            found.setdefault(post.id, post)
    return list(found.values())


@contextmanager
def receiver() -> Iterator[tuple[str, "queue.Queue[Post]", list[int]]]:
    """Receive postbacks; the list has the one status that is answered with."""
    came: queue.Queue[Post] = queue.Queue()
    status = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            row = json.loads(self.rfile.read(int(self.headers["content-length"])))
            came.put(Post(self.headers[ID_HEADER], row))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/kite", came, status
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
