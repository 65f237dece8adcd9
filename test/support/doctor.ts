import { authorized } from '#libs/testing/authorized.js';
import type { DoctorDrift, DoctorLine } from '#libs/operations/doctor/doctor.schemas.js';

/** Asks a service's doctor and waits until it has compared everything. */
export async function askDoctor(url: string, body: object): Promise<readonly DoctorDrift[]> {
  const response = await fetch(`${url}/v1/operations/account/doctor`, {
    method: 'POST',
    headers: { ...authorized(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DoctorLine);
  if (lines.at(-1)?.kind !== 'done') throw new Error(`the doctor did not end: ${text.slice(-2_000)}`);
  return lines.flatMap((line) => (line.kind === 'drift' ? line.drift : []));
}
