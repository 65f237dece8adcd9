import { Readable } from 'node:stream';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type { Party } from '#libs/core/party.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { entityNotFound } from '#libs/api/entities/assert-visible.js';
import { outcomesIn } from '#libs/flow/leaves/read-manifest.js';
import { streamName } from '#libs/core/entity-id.js';

/** Which outcomes of a spread: all, or those that are rejected or have failed. */
export type SpreadFile = 'results' | 'rejects';

interface Asked {
  readonly tenant: string;
  readonly id: string;
  readonly onlyFor: Party | undefined;
  readonly file: SpreadFile;
}

/** The outcomes of spreads, as files. */
export class SpreadFiles {
  constructor(
    private readonly gateway: EntityGateway,
    private readonly blobs: BlobStore,
  ) {}

  /**
   * Outcomes as JSON, one on a line, up to the last time that the spread paused, waited or ended.
   * Throws `ENTITY.NOT_FOUND`.
   */
  async open(contract: FlowContract, { tenant, id, onlyFor, file }: Asked): Promise<Readable> {
    const live = await this.gateway.state(streamName(contract.name, id, tenant), onlyFor);
    if (!live) throw entityNotFound(contract, id);
    const manifest = manifestIn(live.state['progress']);
    return Readable.from(manifest ? this.lines(manifest, file) : []);
  }

  private async *lines(manifest: BlobRef, file: SpreadFile): AsyncIterable<string> {
    for await (const line of outcomesIn(this.blobs, manifest)) {
      if (file === 'results' || line.outcome !== 'done') yield `${JSON.stringify(line)}\n`;
    }
  }
}

function manifestIn(progress: unknown): BlobRef | undefined {
  return (progress as { readonly manifest?: BlobRef } | undefined)?.manifest;
}
