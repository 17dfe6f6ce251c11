"""A CalDAV server that somebody else wrote: dav.py radicale|xandikos|digest FOLDER. It listens on this machine only, on a
free port, which it prints. Radicale knows Ann; Xandikos lets everybody in. "digest" is Radicale behind WsgiDAV's check of
digests (RFC 7616), with one calendar of Ann's."""
import json
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


def serve_by_digest():
    import radicale
    import radicale.config
    from wsgidav.http_authenticator import HTTPAuthenticator
    from wsgiref.simple_server import make_server

    band = folder / "collection-root" / "ann" / "band"
    band.mkdir(parents=True)
    (band / ".Radicale.props").write_text(json.dumps({"tag": "VCALENDAR", "D:displayname": "Ann's & band"}))
    settings = radicale.config.load()
    settings.update({"auth": {"type": "http_x_remote_user"}, "storage": {"filesystem_folder": str(folder)}}, "here")
    calendars = radicale.Application(settings)

    class Share:
        share_path = "/"

        def is_readonly(self):
            return False

        def resolve_provider(self, _):
            return "/", self

    def known(environ, start):
        environ["HTTP_X_REMOTE_USER"] = environ["wsgidav.auth.user_name"]
        return calendars(environ, start)

    rules = {"http_authenticator": {"accept_basic": False}, "verbose": 0,
             "simple_dc": {"user_mapping": {"*": {"ann": {"password": "dav-s3cret"}}}}}
    check = HTTPAuthenticator(Share(), known, rules)

    def guarded(environ, start):
        return check({**environ, "wsgidav.provider": Share()}, start)

    make_server("127.0.0.1", 1, guarded).serve_forever()


if server == "digest":
    serve_by_digest()
elif server == "radicale":
    users = folder / "users"
    users.write_text("ann:dav-s3cret\n", encoding="utf-8")
    sys.argv = ["radicale", "--config", "", "--hosts", "127.0.0.1:1", "--auth-type", "htpasswd", "--auth-delay", "0",
                "--auth-htpasswd-filename", str(users), "--auth-htpasswd-encryption", "plain",
                "--storage-filesystem-folder", str(folder / "storage")]
else:
    sys.argv = ["xandikos", "serve", "--defaults", "--no-detect-systemd", "--directory", str(folder),
                "--state-dir", str(folder / "state"), "--listen-address", "127.0.0.1", "--port", "1"]
runpy.run_module(server, run_name="__main__", alter_sys=True)
