import type { ServiceName } from '#contracts/services.js';
import { perdure } from './client.js';
import { operationsOf } from './operations.js';

/** What the doctor is asked to examine. */
export interface Examination {
  readonly service: ServiceName;
  readonly category?: string;
  readonly stream?: string;
  readonly sample?: number;
  readonly heal?: boolean;
}

/** A difference that the doctor found. */
export interface Drift {
  readonly kind: string;
  readonly stream: string;
  readonly where?: string;
  readonly detail: string;
  readonly healed: boolean;
}

/** A line of the doctor's answer. */
export type DoctorLine =
  | {
      readonly kind: 'progress';
      readonly category: string;
      readonly stage: string;
      readonly done: number;
      readonly of?: number;
    }
  | { readonly kind: 'drift'; readonly drift: Drift }
  | { readonly kind: 'report'; readonly report: Readonly<Record<string, unknown>> & { category: string } }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly detail: string };

/** Yields what the doctor says, as it says it. Stopping it ends the work of the service, too. */
export async function* examine(
  { service, ...body }: Examination,
  signal: AbortSignal,
): AsyncGenerator<DoctorLine> {
  const path = `${operationsOf(service)}/doctor`;
  const response = await perdure.request(path, { method: 'POST', body, signal });
  let rest = '';
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = `${rest}${part}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as DoctorLine;
  }
}
