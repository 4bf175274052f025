# The bot alone, without tests, playground and tools: `docker compose up -d` builds and starts it.
# 3.11 is the Python that the whole suite runs on. Debian's slim images have all it needs.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY pyproject.toml uv.lock ./
COPY tools/install.sh tools/
# The system's certificates: a company's proxy may have put its own among them.
RUN python3 -m venv /tmp/uv \
    && /tmp/uv/bin/pip install --quiet --no-cache-dir "$(sed -n 's/^uv_version=/uv==/p' tools/install.sh)" \
    && UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never \
        /tmp/uv/bin/uv sync --frozen --no-dev --no-cache --quiet --system-certs
COPY bot bot
COPY cogs cogs
COPY pika pika
COPY PRIVACY.md TERMS.md ./
# The root file system is read-only when the bot runs: what is not compiled now would be compiled at
# each start.
RUN .venv/bin/python -OO -m compileall -q -j 0 bot cogs pika .venv/lib

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin animate-bot \
    && install -d -o animate-bot -g animate-bot -m 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV DATA_DIR=/data PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# By number: a system that forbids root in containers can only check numbers.
USER 10001
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD [".venv/bin/python", "-OO", "-m", "bot", "health"]
ENTRYPOINT [".venv/bin/python", "-OO", "-m", "bot"]
