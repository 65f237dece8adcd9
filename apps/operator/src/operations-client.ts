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

  /** What a route answers line by line, each as it comes. */
  async *postLines<T>(service: ServiceName, path: string, body: object): AsyncGenerator<T> {
    const response = await this.send(service, path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.body) return;
    let rest = '';
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as T;
    }
  }

  private async ask<T>(service: ServiceName, path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.send(service, path, init);
    return (await response.json().catch(() => ({}))) as T;
  }

  private async send(service: ServiceName, path: string, init: RequestInit): Promise<Response> {
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
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    const { code = `HTTP ${response.status}`, detail, title } = problem;
    throw new OperatorError(`${code}: ${detail ?? title ?? response.statusText}`);
  }
}
