# All services are in one image; the command says which one runs. Debian, not Alpine: Temporal's core needs glibc.
FROM node:22-bookworm-slim AS build
WORKDIR /perdure
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
# Without certificates a Temporal or EventStoreDB behind TLS could not be trusted.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner 1000 --group 1000 /var/lib/perdure
ENV NODE_ENV=production
WORKDIR /perdure
COPY --from=build /perdure/package.json ./
COPY --from=build /perdure/node_modules ./node_modules
COPY --from=build /perdure/dist ./dist
# The user node, as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
CMD ["node", "--enable-source-maps", "dist/apps/account/src/main.js"]
