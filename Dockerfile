# The node in a container: docs/operations.md, "In a container".
#
#   docker build -t cordon .
#   docker run -v cordon:/var/lib/cordon -v ./cordon.yaml:/etc/cordon/cordon.yaml:ro -p 8117:8117 cordon

FROM debian:12-slim AS build
WORKDIR /src
# First only what names the packages: they are fetched again when that changes, and not with each line of code.
COPY tools/install-deps tools/install-deps
RUN apt-get update && tools/install-deps build deb && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make deb && mkdir /packages && mv build-deb/cordon_*.deb /packages/cordon.deb

FROM debian:12-slim
COPY --from=build /packages/cordon.deb /tmp/cordon.deb
# The user has a fixed number, by which a volume and an orchestrator know it. The package brings what the program needs.
RUN groupadd --system --gid 990 cordon && \
    useradd --system --uid 990 --gid 990 --home-dir /var/lib/cordon --no-create-home --shell /usr/sbin/nologin cordon && \
    apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /tmp/cordon.deb ca-certificates && \
    rm -rf /var/lib/apt/lists/* /tmp/cordon.deb && \
    install -d -o 990 -g 990 -m 700 /var/lib/cordon
ENV CORDON_HOME=/var/lib/cordon
VOLUME /var/lib/cordon
USER 990:990
EXPOSE 8117
STOPSIGNAL SIGTERM
ENTRYPOINT ["cordon"]
CMD ["serve", "--config", "/etc/cordon/cordon.yaml"]
