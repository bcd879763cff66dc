# One image for every part of the service; docker-compose.yml says which command each one runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/nebula && /opt/nebula/bin/pip install --no-cache-dir -c constraints.txt ".[service]"

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore for `nebula backup`; a C compiler for the launchers of Triton's kernels on GPUs.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/nebula --create-home nebula \
    && install --directory --owner=nebula /var/cache/nebula
COPY --from=build /opt/nebula /opt/nebula
ENV PATH=/opt/nebula/bin:$PATH \
    NEBULA_HOME=/var/lib/nebula \
    XDG_CACHE_HOME=/var/cache/nebula \
    NUMBA_CACHE_DIR=/var/cache/nebula/numba
USER nebula
VOLUME ["/var/lib/nebula", "/var/cache/nebula"]
EXPOSE 8000
CMD ["nebula", "serve"]
