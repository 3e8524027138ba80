"""nginx: the floor, a proxy that asks for a certificate and nothing else; and with auth_request."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.client import HOST
from benchmarks.edge.ground import Gateway, Ground, running_nginx
from benchmarks.peers.serving import free_port
from benchmarks.visitors import SESSION_PATH

FLOOR = "nginx mTLS proxy, no authorization"
AUTH_REQUEST = "nginx, auth_request to our session endpoint"

_SERVER = """
  access_log {folder}/access.log;
  upstream application {{
    server 127.0.0.1:{upstream}; keepalive 32; keepalive_requests 100000000;
  }}
{others}
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {server}; ssl_certificate_key {server};
    ssl_client_certificate {authorities}; ssl_crl {crls};
    ssl_verify_client on; ssl_verify_depth 3;
    ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off;
    proxy_http_version 1.1; proxy_set_header Connection "";
    location / {{
      {asking}
      proxy_pass http://application;
      proxy_set_header X-Client-Serial $ssl_client_serial;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
    }}
{locations}
  }}
}}
"""
_NODE = "  upstream node {{ server 127.0.0.1:{port}; keepalive 32; keepalive_requests 1000000; }}"
# It names the unit to the portal by the unit's certificate, over connections that are kept.
_SESSION = """    location = /session-of-whom {{
      internal; proxy_pass https://node{path};
      proxy_set_header Host {host}:{port}; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_ssl_certificate {certificate}; proxy_ssl_certificate_key {certificate};
      proxy_ssl_protocols TLSv1.3; proxy_ssl_name {host}; proxy_ssl_server_name on;
    }}"""


@contextmanager
def running_floor(ground: Ground, cookie: str) -> Iterator[Gateway]:
    """Run nginx that verifies the certificate and passes everybody on who has one."""
    with _nginx(ground, "floor", "", "", "") as (pid, port):
        yield _gateway(ground, FLOOR, [pid], port, cookie)


@contextmanager
def running_auth_request(
    ground: Ground, portal_port: int, portal_pid: int, certificate: Path, cookie: str
) -> Iterator[Gateway]:
    """Run nginx that asks the portal about each request; the portal's time counts with it."""
    session = _SESSION.format(
        path=SESSION_PATH, host=HOST, port=portal_port, certificate=certificate
    )
    asking = "auth_request /session-of-whom;"
    node = _NODE.format(port=portal_port)
    with _nginx(ground, "auth-request", asking, node, session) as (pid, port):
        yield _gateway(ground, AUTH_REQUEST, [pid, portal_pid], port, cookie)


@contextmanager
def _nginx(
    ground: Ground, name: str, asking: str, others: str, locations: str
) -> Iterator[tuple[int, int]]:
    folder, port = ground.place(name), free_port()
    rest = _SERVER.format(
        folder=folder, port=port, upstream=ground.upstream_port, asking=asking, others=others,
        locations=locations, server=ground.server, authorities=ground.authorities,
        crls=ground.crls,
    )  # fmt: skip
    with running_nginx(folder, port, rest) as pid:
        yield pid, port


def _gateway(ground: Ground, name: str, pids: list[int], port: int, cookie: str) -> Gateway:
    url = f"https://{HOST}:{port}/apps/app/x"
    return Gateway(name, pids, url, cookie, ground.certificate, ground.root)
