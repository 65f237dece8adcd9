/**
 * The text of a reply, up to a limit. What comes after that is not read. `isWhole`: there was no
 * more.
 */
export async function readReply(
  reply: Response,
  maxBytes: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let left = maxBytes;
  for await (const part of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part.subarray(0, left));
    left -= part.byteLength;
    if (left < 0) break;
  }
  return { text: Buffer.concat(parts).toString(), isWhole: left >= 0 };
}
