/** A difference as the doctor tells of it. */
export interface ToldDrift {
  readonly kind: string;
  readonly stream: string;
  readonly where?: string;
  readonly detail: string;
  readonly healed: boolean;
}

interface Line {
  readonly kind: string;
  readonly drift?: ToldDrift;
  readonly detail?: string;
}

/** Asks a service's doctor and waits until it has compared all. */
export async function askDoctor(url: string, body: object): Promise<readonly ToldDrift[]> {
  const response = await fetch(`${url}/v1/operations/account/doctor`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  if (lines.at(-1)?.kind !== 'done') throw new Error(`the doctor did not end: ${text.slice(-2_000)}`);
  return lines.flatMap(({ drift }) => drift ?? []);
}
