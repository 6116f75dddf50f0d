"""nginx as deploy/nginx.conf has it, and two processes of the app behind it."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.browser import SECONDS
from tests.image import Image
from training.tools.browser import ROOT

WAIT = SECONDS / 1000  # seconds until something that must happen has happened
NGINX = """
{user}daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/errors.log;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  log_format upstreams '$http_user_agent|$upstream_addr|$status|$uri';
  access_log {folder}/access.log upstreams;
  include {folder}/scrawl.conf;
}}
"""


class Site:
    """nginx at `address`, with the processes "a" and "b" behind it."""

    def __init__(self, image: Image, folder: Path, database: str):
        self.image, self.folder, self.database = image, folder, database
        with contextlib.ExitStack() as taken:
            free = [taken.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            port, *others = [one.getsockname()[1] for one in free]
        self.ports = dict(zip("ab", others, strict=True))
        self.address = f"http://127.0.0.1:{port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.nginx: subprocess.Popen | None = None

    def start_nginx(self) -> None:
        shipped = (ROOT / "deploy" / "nginx.conf").read_text()
        changes = {
            r"listen 80;": f"listen {self.address.removeprefix('http://')};",
            r"\b8501\b": str(self.ports["a"]),
            r"\b8502\b": str(self.ports["b"]),
        }
        for old, new in changes.items():
            shipped, count = re.subn(old, new, shipped)
            assert count, f"deploy/nginx.conf has no {old}"
        (self.folder / "scrawl.conf").write_text(shipped)
        user = "user root; " if os.geteuid() == 0 else ""  # whose folder it is
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, user=user))
        command = [find_nginx(), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "errors.log")]
        self.nginx = subprocess.Popen(command)

    def start(self, name: str) -> None:
        """Start a process; `wait_for` it."""
        self.processes[name] = self.image.start(
            self.folder / f"{name}.log",
            STREAMLIT_SERVER_ADDRESS="127.0.0.1",
            STREAMLIT_SERVER_PORT=str(self.ports[name]),
            SCRAWL_DATABASE=self.database,
        )

    def wait_for(self, name: str) -> None:
        """Until a process reads and its database answers."""
        address, until = f"http://127.0.0.1:{self.ports[name]}", time.monotonic() + WAIT
        while health(address)[0] != 200:
            log = (self.folder / f"{name}.log").read_text()
            assert self.processes[name].poll() is None, f"{name} stopped:\n{log}"
            assert time.monotonic() < until, f"{name} is not healthy after {WAIT} seconds:\n{log}"
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        for process in filter(None, [self.nginx, *self.processes.values()]):
            process.terminate()
        for process in filter(None, [self.nginx, *self.processes.values()]):
            process.wait(timeout=20)

    def requests(self, visitor: str) -> list[tuple[str, str, str]]:
        """A visitor's requests that are done: the process that answered, the status, and the path."""
        names = {f"127.0.0.1:{port}": name for name, port in self.ports.items()}
        lines = (line.split("|") for line in (self.folder / "access.log").read_text().splitlines())
        return [
            (names.get(tried.split(", ")[-1], tried), status, path)
            for who, tried, status, path in lines
            if who == visitor
        ]


def find_nginx() -> str | None:
    """Where nginx is: often not in the path of those who are not root."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def health(address: str) -> tuple[int, dict[str, str]]:
    """Status and answer of /healthz; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=20) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, {}
    except OSError:
        return 0, {}
