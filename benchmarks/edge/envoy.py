"""Envoy with jwt_authn and RBAC: the same token, verified anew by each request.

It asks for less than the edge: the token is not held against the certificate, no
session or serial number is looked up, no assertion is compared.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.client import HOST
from benchmarks.edge.ground import GATEWAY_CPU, Gateway, Ground, on_cpu
from benchmarks.peers.installing import envoy_program
from benchmarks.peers.serving import free_port, running
from gateway.edge.tokens.claims import SESSION_TOKEN_COOKIE
from tests.support.edge_client import KEY_NAME, SECRET

NAME = "Envoy, jwt_authn and RBAC"
_TYPE = "type.googleapis.com/envoy.extensions."
_JWT = "envoy.filters.http.jwt_authn"


@contextmanager
def running_envoy(ground: Ground, cookie: str, issuer: str) -> Iterator[Gateway]:
    """Run it; raises `PeerMissing`."""
    program = envoy_program()
    folder, port = ground.place("envoy"), free_port()
    file = folder / "envoy.json"
    file.write_text(json.dumps(_configuration(ground, str(folder), port, issuer)))
    command = [str(program), "-c", str(file), "--concurrency", "1", "--log-level", "error"]
    arguments = [*command, "--disable-hot-restart"]
    with running(on_cpu(GATEWAY_CPU, *arguments), folder, port, {}) as pid:
        url = f"https://{HOST}:{port}/apps/app/x"
        yield Gateway(NAME, [pid], url, cookie, ground.certificate, ground.root)


def _configuration(ground: Ground, folder: str, port: int, issuer: str) -> dict[str, Any]:
    manager = {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "portal",
        "access_log": [_named("envoy.access_loggers.file", "access_loggers.file.v3.FileAccessLog",
                              path=f"{folder}/access.log")],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "application"}}]}]},
        "http_filters": [
            _named(_JWT, "filters.http.jwt_authn.v3.JwtAuthentication", **_tokens(issuer)),
            _named("envoy.filters.http.rbac", "filters.http.rbac.v3.RBAC", rules=_RULES),
            _named("envoy.filters.http.router", "filters.http.router.v3.Router"),
        ],
    }  # fmt: skip
    listener = {
        "name": "portal",
        "address": _address(port),
        "filter_chains": [{
            "transport_socket": _named("envoy.transport_sockets.tls",
                                       "transport_sockets.tls.v3.DownstreamTlsContext",
                                       **_tls(ground)),
            "filters": [{"name": "envoy.filters.network.http_connection_manager",
                         "typed_config": manager}],
        }],
    }  # fmt: skip
    endpoint = {"endpoint": {"address": _address(ground.upstream_port)}}
    cluster = {
        "name": "application", "type": "STATIC",
        "load_assignment": {"cluster_name": "application",
                            "endpoints": [{"lb_endpoints": [endpoint]}]},
    }  # fmt: skip
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _tokens(issuer: str) -> dict[str, Any]:
    secret = base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")
    keys = {"keys": [{"kty": "oct", "alg": "HS256", "kid": KEY_NAME, "k": secret}]}
    provider = {
        "issuer": issuer, "audiences": [HOST], "local_jwks": {"inline_string": json.dumps(keys)},
        "from_cookies": [SESSION_TOKEN_COOKIE], "payload_in_metadata": "token",
        "claim_to_headers": [{"header_name": f"x-certgate-{name}", "claim_name": claim}
                             for name, claim in (("user", "sub"), ("kind", "kind"))],
    }  # fmt: skip
    rules = [{"match": {"prefix": "/"}, "requires": {"provider_name": "certgate"}}]
    return {"providers": {"certgate": provider}, "rules": rules}


def _claim(name: str, value: str) -> dict[str, Any]:
    path = [{"key": "token"}, {"key": name}]
    value_match = {"string_match": {"exact": value}}
    return {"metadata": {"filter": _JWT, "path": path, "value": value_match}}


_IDS = [{"authenticated": {}}, _claim("kind", "unit"), _claim("class", "vip")]
_RULES = {
    "action": "ALLOW",
    "policies": {
        "units": {"permissions": [{"any": True}], "principals": [{"and_ids": {"ids": _IDS}}]}
    },
}


def _tls(ground: Ground) -> dict[str, Any]:
    pair = {
        "certificate_chain": {"filename": str(ground.server)},
        "private_key": {"filename": str(ground.server)},
    }
    return {
        "require_client_certificate": True,
        "disable_stateless_session_resumption": True,
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3",
            },
            "tls_certificates": [pair],
            "validation_context": {
                "trusted_ca": {"filename": str(ground.authorities)},
                "crl": {"filename": str(ground.crls)},
            },
        },
    }


def _named(name: str, kind: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": _TYPE + kind, **values}}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
