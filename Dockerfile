# The gateway, its signer and the edge's agent: one program, one image.
#
#   docker build --tag certgate .
#
# The first stage has pip and writes the environment; the second has neither.
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

FROM python:${PYTHON}
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
