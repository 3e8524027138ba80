"""From a revocation's commit to the first refused request, and to closed connections.

``python -m benchmarks.edge.revocation [COUNT]``: two HAProxys with an agent
process each, PostgreSQL, other clients' requests meanwhile. Each revocation ends
a unit that has something open (a keep-alive connection, a stream of HTTP/2, an
upgraded connection, an upload) and goes on asking on a second connection.
"""
