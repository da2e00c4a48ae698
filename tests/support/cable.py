"""The way to a server: it can be cut (refused) and it can go dead (accepted, and then silence)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Cable:
    """From a port of this machine to a socket in a folder."""

    def __init__(self, target: Path) -> None:
        self._target = str(target)
        self._through = threading.Event()
        self._through.set()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.repair()

    def repair(self) -> None:
        """Silent connections stay silent no longer, refused ones can be made again."""
        self._through.set()
        if self._listener is None:
            listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            self.port, self._listener = listener.getsockname()[1], listener
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Connections end, new ones are refused."""
        self._through.set()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        while self._open:
            end = self._open.pop()
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def go_dead(self) -> None:
        """New connections are accepted, and nothing comes back on any."""
        self._through.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            try:
                self._through.wait()
                far.connect(self._target)
            except OSError:
                return
            self._open += [near, far]
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._through.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cable(target: Path) -> Iterator[Cable]:
    made = Cable(target)
    try:
        yield made
    finally:
        made.cut()
