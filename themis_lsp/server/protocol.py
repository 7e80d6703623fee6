"""The protocol as pygls speaks it, mended where that forgets nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

_LOG = logging.getLogger(__name__)


class ForgetfulProtocol(LanguageServerProtocol):
    """Lets go of what is done.

    pygls keeps the future of every notification until the end, two kilobytes for each keystroke.
    """

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Callable[..., Any],
        callback: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        future = self._request_futures.get(msg_id)
        if future is not None:
            # At once, if it is done already.
            future.add_done_callback(lambda _: self._request_futures.pop(msg_id, None))


class ThemisServer(LanguageServer):
    """A language server that keeps what goes wrong inside it to itself, but for its kind."""

    def report_server_error(
        self, error: Exception, source: type[PyglsError] | type[JsonRpcException]
    ) -> None:
        """Log the kind of the error; its message may hold the user's code."""
        _LOG.error("%s while answering (%s)", type(error).__name__, source.__name__)
