import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { perService, SERVICE_NAMES, SERVICES } from '#contracts/services.js';

interface ComposeService {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly ports: readonly string[];
  readonly depends_on: unknown;
}

const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService | undefined>>;
};
const urls = perService('URL', ({ name, port }) => `http://${name}:${port}`);

describe('docker-compose.yml', () => {
  it.each(SERVICES)('runs the $name service on its port', ({ name, port }) => {
    expect(services[name]).toMatchObject({
      command: ['node', '--enable-source-maps', `dist/apps/${name}/src/main.js`],
      environment: { PORT: port, ...urls },
      ports: [`127.0.0.1:${port}:${port}`],
    });
  });

  it.each(['FULFILMENT_URL', 'CARD_PROVIDER_URL', 'MAIL_URL'])('runs a sandbox at the %s', (variable) => {
    const { hostname, port } = new URL(String(services['cart']?.environment[variable]));
    expect(services[hostname]?.ports).toContain(`127.0.0.1:${port}:${port}`);
  });

  it('runs an issuer of tokens where the services look for it', () => {
    const issuer = String(services['cart']?.environment['AUTH_ISSUER']);
    const { hostname, port } = new URL(issuer);
    expect(services[hostname]?.ports).toContain(`127.0.0.1:${port}:${port}`);
    expect(services[hostname]?.environment['AUTH_ISSUER']).toBe(issuer);
  });

  it('gives the front server the addresses of the services', () => {
    expect(services['console']).toMatchObject({ environment: urls, depends_on: SERVICE_NAMES });
  });
});
