"""One line of JSON for each request; docs/edge.md says how to read it."""

# Text that a client chose is escaped by HAProxy's own converter.
_FIELDS = {
    "time": "%{+Q}[date,utime(%Y-%m-%dT%H:%M:%SZ)]",
    "door": "%{+Q}f",
    "request_id": "%{+Q}ID",
    "client": "%{+Q}ci",
    "client_port": "%cp",
    "method": '"%[capture.req.method,json(utf8s)]"',
    "host": '"%[var(txn.host),json(utf8s)]"',
    "path": '"%[var(txn.path),json(utf8s)]"',
    "status": "%ST",
    "octets": "%B",
    "decision": '"%[var(txn.refusal)]"',
    "token": '"%[var(txn.fault)]"',
    "application": '"%[var(txn.application)]"',
    "lane": "%{+Q}b",
    "server": "%{+Q}s",
    "serial_number": '"%[var(sess.serial)]"',
    "certificate_error": "%[ssl_c_verify]",
    "unit": '"%[var(txn.user),json(utf8s)]"',
    "kind": '"%[var(txn.kind),json(utf8s)]"',
    "session": '"%[var(txn.session),json(utf8s)]"',
    "end": '"%tsc"',
    "retries": '"%rc"',
    "milliseconds": (
        '{"handshake":%Th,"idle":%Ti,"request":%TR,"queue":%Tw,"connect":%Tc,'
        '"answer":%Tr,"data":%Td,"total":%Ta}'
    ),
}

LOG_FORMAT = "{" + ",".join(f'"{name}":{value}' for name, value in _FIELDS.items()) + "}"
