import type { FastifyRequest } from 'fastify';
import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import { toEnvelope } from '#libs/api/entities/to-envelope.js';
import { callerOf } from '#libs/api/http/access.js';
import { closingOf } from '#libs/api/http/closing.js';
import { arriving, uploadTypeOf } from '#libs/api/http/uploads.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { type EntityGateway, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { statedDigest } from './content-digest.js';
import { IMPORT_LIMITS, storeUpload } from './import-upload.js';
import type { ImportFormat } from './stock-rows.js';

const WAIT_MILLISECONDS = 10_000;

const FORMATS: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
};

/** Starts imports, and finds them. A class, so that Nest can inject it. */
export class StockImports {
  constructor(
    private readonly gateway: Pick<EntityGateway, 'state' | 'execute'>,
    readonly blobs: BlobStore,
    private readonly limits = IMPORT_LIMITS,
  ) {}

  /**
   * Takes the file that a request brings, and starts its import. The same file has the same import,
   * unless that was cancelled or has failed. Resolves to the id. Throws problems.
   */
  async take(request: FastifyRequest): Promise<string> {
    const format = FORMATS[uploadTypeOf(request) ?? ''];
    if (format === undefined) {
      throw new ProblemError(problems.unsupportedMediaType, 'send text/csv or application/x-ndjson');
    }
    const digest = statedDigest(request.headers['content-digest']);
    const content = arriving(request.body as AsyncIterable<Uint8Array>);
    const file = await storeUpload(this.blobs, { format, content, digest }, this.limits);
    try {
      return await this.importOf(request, format, file);
    } finally {
      await this.blobs.remove(file.owner);
    }
  }

  /** Throws a problem if there is no such import. */
  async find(tenant: string, id: string): Promise<FlowState> {
    const state = isEntityId(id) ? await this.stateOf(streamOf(tenant, id)) : undefined;
    if (!state) throw new ProblemError(problems.entityNotFound, `there is no import ${id}`);
    return state;
  }

  private async importOf(request: FastifyRequest, format: ImportFormat, file: BlobRef): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const id = `${format}-${file.hash}${attempt === 1 ? '' : `.${attempt}`}`;
      const stream = streamOf(callerOf(request).tenant, id);
      const state = await this.stateOf(stream);
      if (state?.status === 'failed' || state?.status === 'cancelled') continue;
      if (!state) await this.start(request, stream, format, file);
      return id;
    }
  }

  /** The file is kept with the import before that can run. */
  private async start(
    request: FastifyRequest,
    stream: string,
    format: ImportFormat,
    { hash, bytes, ...file }: BlobRef,
  ): Promise<void> {
    await this.blobs.upload(stream, this.blobs.read({ hash, bytes, ...file }), bytes);
    const headers = {
      idempotencyKey: hash,
      waitSeconds: undefined,
      preferenceApplied: undefined,
      expectedRevision: undefined,
    };
    const input: JsonObject = { format, hash, bytes };
    const envelope = toEnvelope(request, stream, headers, 'Start', input);
    const receipts = await this.gateway.execute(stream, [envelope], WAIT_MILLISECONDS, closingOf(request));
    const receipt = onlyReceipt(receipts);
    // Another request may have brought the same file.
    if (receipt.status === 'pending' || receipt.status === 'accepted') return;
    if (receipt.code === 'FLOW.ALREADY_STARTED') return;
    throw new ProblemError(problems.internal, receipt.detail);
  }

  private async stateOf(stream: string): Promise<FlowState | undefined> {
    const state = (await this.gateway.state(stream))?.state as FlowState | undefined;
    return state?.status === undefined ? undefined : state;
  }
}

function streamOf(tenant: string, id: string): string {
  return streamName('stockImport', id, tenant);
}
