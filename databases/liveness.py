"""How soon each side of a connection to PostgreSQL notices that the other is gone without a word: a machine that lost
its power or its network sends no sign that it ended. Every connection of Open Book has these settings.

    TCP keepalives                    while nothing is owed: the other side is asked whether it is there
    tcp_user_timeout                  while something is owed, when no keepalives are sent; so it also ends a
                                      connection whose other side reads nothing for so long
    client_connection_check_interval  while the server works or waits for a lock, when it doesn't look at the connection

So whoever is cut off loses its locks and transactions, and notices that, within `NOTICED_SECONDS`: mostly in half of
them, but an answer that is sent meanwhile is waited for anew.
"""

from __future__ import annotations

CONNECT_SECONDS = 5
IDLE_SECONDS, INTERVAL_SECONDS, PROBES = 5, 2, 3
GONE_SECONDS = IDLE_SECONDS + PROBES * INTERVAL_SECONDS
CHECK_SECONDS = 2
NOTICED_SECONDS = 2 * GONE_SECONDS + CHECK_SECONDS

OF_CLIENT = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": IDLE_SECONDS,
    "keepalives_interval": INTERVAL_SECONDS,
    "keepalives_count": PROBES,
    "tcp_user_timeout": GONE_SECONDS * 1000,
}
"""Parameters of libpq."""
OF_SERVER = (
    f"-c tcp_keepalives_idle={IDLE_SECONDS} -c tcp_keepalives_interval={INTERVAL_SECONDS}"
    f" -c tcp_keepalives_count={PROBES} -c tcp_user_timeout={GONE_SECONDS}s"
    f" -c client_connection_check_interval={CHECK_SECONDS}s"
)
"""The same for the server, as the parameter `options`."""
