"""A CalDAV server that somebody else wrote: dav.py radicale|xandikos FOLDER. It listens on this machine only, on a free
port, which it prints. Radicale knows Ann; Xandikos lets everybody in."""
import pathlib
import runpy
import socket
import sys

bind, listen = socket.socket.bind, socket.socket.listen


def bind_here(self, _):
    bind(self, ("127.0.0.1", 0))


def listen_and_tell(self, *backlog):
    listen(self, *backlog)
    print(self.getsockname()[1], flush=True)


socket.socket.bind, socket.socket.listen = bind_here, listen_and_tell
server, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if server == "radicale":
    users = folder / "users"
    users.write_text("ann:dav-s3cret\n", encoding="utf-8")
    sys.argv = ["radicale", "--config", "", "--hosts", "127.0.0.1:1", "--auth-type", "htpasswd", "--auth-delay", "0",
                "--auth-htpasswd-filename", str(users), "--auth-htpasswd-encryption", "plain",
                "--storage-filesystem-folder", str(folder / "storage")]
else:
    sys.argv = ["xandikos", "serve", "--defaults", "--no-detect-systemd", "--directory", str(folder),
                "--state-dir", str(folder / "state"), "--listen-address", "127.0.0.1", "--port", "1"]
runpy.run_module(server, run_name="__main__", alter_sys=True)
