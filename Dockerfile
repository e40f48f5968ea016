# The service in an image: `docker build -t primero-bridge .`, then see the operator's guide.
# Everything it installs is named with a hash by the two locks; nothing of the build stays in the image.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/bridge \
 && /opt/bridge/bin/python -m pip install --require-hashes -r requirements.lock \
 && python -m venv tools \
 && tools/bin/python -m pip install --require-hashes -r requirements-build.lock
COPY . .
RUN tools/bin/hatchling build -t wheel -d wheel \
 && /opt/bridge/bin/python -m pip install --no-deps --no-index wheel/*.whl

FROM python:3.12-slim
# A fixed number, so that a volume keeps its owner from one image to the next.
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin bridge \
 && mkdir -p /data \
 && chown 10001:10001 /data \
 && chmod 700 /data
COPY --from=build /opt/bridge /opt/bridge
ENV PATH=/opt/bridge/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BRIDGE_DATA_DIR=/data
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
# By the name that people use: the service answers to no other.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import os, urllib.parse, urllib.request as web; \
name = urllib.parse.urlsplit(os.environ['BRIDGE_PUBLIC_URL']).netloc; \
web.urlopen(web.Request('http://127.0.0.1:8000/healthz', headers={'Host': name}), timeout=4)"]
# Refuses to start without BRIDGE_PUBLIC_URL and BRIDGE_ALLOWED_HOSTS, since it listens to more than its own machine.
CMD ["primero-bridge", "serve", "--host", "0.0.0.0"]
