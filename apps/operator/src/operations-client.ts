import { OperatorError } from './operator.errors.js';

/** The services that have operators' routes. */
export const SERVICES = ['account', 'cart', 'inventory'] as const;

export type ServiceName = (typeof SERVICES)[number];

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

/** Asks the operators' routes of the services, through the front server. Throws {@link OperatorError}. */
export class OperationsClient {
  constructor(
    private readonly url: string,
    private readonly operator: string,
  ) {}

  get<T>(service: ServiceName, path: string): Promise<T> {
    return this.ask(service, path);
  }

  post<T>(service: ServiceName, path: string, body: object): Promise<T> {
    return this.ask(service, path, { method: 'POST', body: JSON.stringify(body) });
  }

  private async ask<T>(service: ServiceName, path: string, init: RequestInit = {}): Promise<T> {
    const headers = {
      'x-operator': this.operator,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    };
    const address = `${this.url}/v1/operations/${service}/${path}`;
    const response = await fetch(address, { ...init, headers }).catch(() => {
      throw new OperatorError(
        `nothing answers at ${this.url}: is Perdure running? (PERDURE_URL names its address)`,
      );
    });
    const body: unknown = await response.json().catch(() => ({}));
    if (response.ok) return body as T;
    const { code = `HTTP ${response.status}`, detail, title } = body as Problem;
    throw new OperatorError(`${code}: ${detail ?? title ?? response.statusText}`);
  }
}
