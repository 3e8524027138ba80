# Two images: `program` is the gateway, its signer and the edge's agent; `edge`
# is HAProxy in the version that the tests are run with.
#
# The first stage has pip and writes the environment; the others have neither.
ARG PYTHON=3.11.13-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/certgate
COPY requirements/runtime.txt requirements/
RUN /opt/certgate/bin/pip install --require-hashes --no-deps --requirement requirements/runtime.txt
COPY . .
RUN /opt/certgate/bin/pip install --no-deps --no-build-isolation . \
    && /opt/certgate/bin/pip uninstall --yes pip setuptools

FROM debian:12.11-slim AS edge
RUN apt-get update \
    && apt-get install --yes --no-install-recommends haproxy=2.6.* \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
# With a master process: the agent asks it for a reload, which loses no connection.
ENTRYPOINT ["haproxy", "-W", "-S", "/run/certgate-edge/master.sock", "-f", "/run/certgate-edge/haproxy.cfg"]

FROM python:${PYTHON} AS program
# Numbers, not names: a volume remembers the number, and the signer asks the
# kernel for the number of who is at its socket.
RUN groupadd --gid 10001 certgate && useradd --uid 10001 --gid 10001 --no-create-home certgate \
    && groupadd --gid 10002 signer && useradd --uid 10002 --gid 10002 --no-create-home signer \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/certgate /run/certgate-edge \
    && install --directory --owner 10002 --group 10002 --mode 0700 /var/lib/certgate-signer \
    && install --directory --owner 10002 --group 10002 --mode 0711 /run/certgate-signer
COPY --from=build /opt/certgate /opt/certgate
ENV PATH=/opt/certgate/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    CERTGATE_DATA=/var/lib/certgate
USER 10001:10001
ENTRYPOINT ["certgate"]
CMD ["up"]
