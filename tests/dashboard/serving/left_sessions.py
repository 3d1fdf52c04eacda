"""`python -m tests.dashboard.serving.left_sessions [COUNT]`: the memory that closed tabs leave in the dashboard.

Opens and closes COUNT tabs (60) of a signed-in person with captures, each on two pages, and prints the resident memory:
at the start, after every fifteen tabs, and after Streamlit's state of closed tabs has expired.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from dashboard.serving import housekeeping
from tests.dashboard.conftest import session_cookie
from tests.dashboard.running import Running, running
from tests.support.issuer import serving_issuer
from tests.support.lake import store_captures
from tests.support.people import Company

KEPT_SECONDS = 60
"""`disconnectedSessionTTL`"""


def visit(started: Running, cookie: str) -> str:
    """Opens a tab, visits two pages and closes it; returns everything it received, as text."""
    xsrf = generate_xsrf_token_string()
    said = ""
    cookies = f"openbook_session={cookie}; _streamlit_xsrf={xsrf}"
    with started.socket(cookie=cookies, xsrf=xsrf) as tab:
        for page in ("", "captured"):
            tab.send(BackMsg(rerun_script=ClientState(page_name=page)).SerializeToString())
            finished = False
            while not finished:
                message = ForwardMsg.FromString(tab.recv(120, decode=False))
                said += str(message.delta.new_element)[:500]
                finished = message.WhichOneof("type") == "script_finished"
    return said


def resident_mb(started: Running) -> float:
    pages = int(Path(f"/proc/{started.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, serving_issuer() as issuer:
        folder = Path(name)
        with running(folder, OPENBOOK_ISSUER=issuer.url, OPENBOOK_API_URL="http://localhost:1") as started:
            os.environ |= {"OPENBOOK_HOME": str(started.home), "OPENBOOK_DASHBOARD_URL": started.address}
            ada = Company(folder / "directory.csv")()
            store_captures(ada, 2_000, content=lambda number: {"text": f"text {number} " * 10})
            cookie = session_cookie(issuer.token_for("ada"), sub="ada", origin=started.address)
            assert "The pages about you are shown only to you" in visit(started, cookie), "not signed in"
            print(f"after the first tab      {resident_mb(started):6.0f} MB", flush=True)
            for number in range(1, count + 1):
                visit(started, cookie)
                if number % 15 == 0:
                    print(f"after {number:3} tabs           {resident_mb(started):6.0f} MB", flush=True)
            for _ in range(3):
                time.sleep((KEPT_SECONDS + 2 * housekeeping.EVERY_SECONDS) / 3)
                print(f"{'some time later':<24} {resident_mb(started):6.0f} MB", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
