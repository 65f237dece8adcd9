import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { perService, SERVICE_NAMES, SERVICES } from '#contracts/services.js';

interface ComposeService {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly ports: readonly string[];
  readonly depends_on: unknown;
  readonly secrets?: readonly string[];
}

const compose = readFileSync('docker-compose.yml', 'utf8');
const { services, secrets } = parse(compose, { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService | undefined>>;
  readonly secrets: Readonly<Record<string, { readonly file: string } | undefined>>;
};
const containers = Object.entries(services).flatMap(([name, service]) =>
  service === undefined ? [] : [{ name, ...service }],
);
const ours = containers.filter(({ image }) => image === 'perdure');
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

  it.each(containers)('gives no privileges to $name', (container) => {
    expect(container).toMatchObject({ security_opt: ['no-new-privileges:true'], cap_drop: ['ALL'] });
    if (container.name !== 'postgres') expect(container).not.toHaveProperty('cap_add');
    expect(container).not.toHaveProperty('privileged');
  });

  it.each(ours)('mounts the files of $name read-only', (container) => {
    expect(container).toMatchObject({ read_only: true, tmpfs: ['/tmp'] });
  });

  it('has no secrets, only references to their files', () => {
    expect(compose).not.toMatch(/:\/\/[^\s/]*:[^\s/]*@|PASSWORD:|PWD:|DATABASE_URL:/);
    for (const name of containers.flatMap((container) => container.secrets ?? [])) {
      expect(readFileSync(secrets[name]?.file ?? '', 'utf8')).not.toBe('');
    }
  });

  it('gives the address of the database to the services only', () => {
    const given = ours.filter((container) => container.secrets?.includes('database-url'));
    expect(given.map(({ name }) => name)).toEqual(SERVICE_NAMES);
  });
});

describe('Dockerfile', () => {
  it('runs as a user with a number that is not that of root', () => {
    const users = [...readFileSync('Dockerfile', 'utf8').matchAll(/^USER (.*)$/gm)];
    expect(users.at(-1)?.[1]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });
});
