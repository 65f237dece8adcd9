import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { readConfig } from '#libs/api/http/read-config.js';
import { isTracing } from '#libs/runtime/tracing/tracing.js';
import { serviceConfig } from './service-config.js';
import { startTracing } from './tracing-config.js';

const logger = pino({ level: 'silent' });
const start = (environment: NodeJS.ProcessEnv) =>
  startTracing('account', readConfig(serviceConfig(0), environment), logger);

describe('tracing is off', () => {
  it.each<NodeJS.ProcessEnv>([
    {},
    { OTEL_SERVICE_NAME: 'account' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' },
  ])('with %j', async (environment) => {
    const tracing = await start(environment);
    expect(tracing.isOn).toBe(false);
    expect(isTracing()).toBe(false);
    await tracing.close();
  });
});

describe('a setting that cannot be used is named', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be http/protobuf or http/json'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'must be otlp or none'],
    ['OTEL_TRACES_SAMPLER', 'some', 'must be one of'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key', 'must be name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key=%zz', 'a value is not percent-encoded'],
  ])('%s=%s', async (variable, value, text) => {
    const started = async () => start({ OTEL_TRACES_EXPORTER: 'otlp', [variable]: value });
    await expect(started()).rejects.toThrow(`${variable}: ${text}`);
  });
});
